async function load() {
  throw new Error('not loaded');
}
load();
setTimeout(() => console.log('never'), 20);
console.log('the module itself runs to its end');
