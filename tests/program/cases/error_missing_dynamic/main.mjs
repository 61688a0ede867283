try {
  await import('./none.mjs');
} catch (error) {
  console.log('caught', error.name);
}
const missing = () => import('./other.mjs');
await missing();
