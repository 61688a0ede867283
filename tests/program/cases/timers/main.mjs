// Timers run by deadline, then in the order of creation; jobs run after every callback.
const log = (...values) => console.log(...values);
setTimeout(() => log('c: 60'), 60);
setTimeout(() => log('a: 20'), 20);
setTimeout(() => log('b: 40'), 40);
setTimeout((...values) => log('arguments', values), 1, 1, 'two', { three: 3 });
setTimeout(() => { log('first of two'); Promise.resolve().then(() => log('its job')); }, 2);
setTimeout(() => log('second of two'), 2);
const cancelled = setTimeout(() => log('never'), 5);
clearTimeout(cancelled);
clearTimeout(cancelled);
clearTimeout(); clearTimeout(null); clearTimeout({}); clearTimeout(-1); clearInterval('x');
queueMicrotask(() => log('microtask'));
log('synchronous');

await new Promise((resolve) => setTimeout(resolve, 100));
let count = 0;
const interval = setInterval((label) => {
  log(label, ++count);
  if (count === 3) clearInterval(interval);
}, 2, 'interval');
await new Promise((resolve) => setTimeout(resolve, 60));

setImmediate((value) => {
  log('immediate', value);
  setImmediate(() => log('next round'));
  Promise.resolve().then(() => log('job of the immediate'));
}, 1);
setImmediate(() => log('immediate 2'));
clearImmediate(setImmediate(() => log('never')));
await new Promise((resolve) => setTimeout(resolve, 20));

// a timer that clears another one that is due as well, and an interval that clears itself at once
const other = setTimeout(() => log('never'), 2);
setTimeout(() => clearTimeout(other), 1);
const once = setInterval(() => { clearInterval(once); log('once'); }, 1);
await new Promise((resolve) => setTimeout(resolve, 30));

const started = Date.now();
await new Promise((resolve) => setTimeout(resolve, 30));
log('waited', Date.now() - started >= 29);
try {
  setTimeout('no function');
} catch (error) {
  log(error instanceof TypeError);
}
let rounds = 0;
(function again() { if (++rounds < 50) setTimeout(again, 0); else log('rounds', rounds); })();
