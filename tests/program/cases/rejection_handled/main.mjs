// A handler that comes within the same drain of the job queue is in time.
const first = Promise.reject(new Error('handled at once'));
first.catch((error) => console.log(error.message));
const second = Promise.reject(new Error('handled in a job'));
Promise.resolve().then(() => {}).then(() => second.catch((error) => console.log(error.message)));
const failed = (async () => { throw 1; })();
try { await failed; } catch (value) { console.log('value', value); }
await Promise.allSettled([Promise.reject(2), new Promise((_, reject) => setTimeout(reject, 1, 3))])
  .then((all) => console.log(all.map(({ reason }) => reason)));
const module = await import('./throws.mjs').catch((error) => error);
console.log(module.message);
const value = await import('./throws_value.mjs').catch((error) => error);
console.log(value);
