setTimeout(() => console.log('timer'), 2);
console.log('waiting');
await new Promise(() => {});
console.log('never');
