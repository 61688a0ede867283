queueMicrotask(() => { throw new Error('in a microtask'); });
await new Promise((resolve) => setTimeout(resolve, 30));
console.log('never');
