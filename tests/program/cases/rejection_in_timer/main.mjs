setTimeout(async () => {
  console.log('timer');
  throw new TypeError('in the timer');
}, 1);
setTimeout(() => console.log('never'), 30);
