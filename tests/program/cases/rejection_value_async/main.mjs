async function work() {
  await null;
  throw 'late value';
}
work();
