setTimeout(() => console.log('never'), 30);
setTimeout(() => {
  throw new RangeError('late');
}, 1);
