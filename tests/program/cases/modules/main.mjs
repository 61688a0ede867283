// An inventory report: six modules, two of them in a cycle, one loaded on demand.
import { Order, describe } from './order.mjs';
import { Customer } from './customer.mjs';
import config, { readyAt } from './config.mjs';
import * as text from './lib/text.mjs';

const log = [];
const note = (line) => { log.push(line); console.log(line); };
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

note(text.title(`orders in ${config.currency}`));
note(`config was ready: ${readyAt}`);

const ada = new Customer('Ada');
const order = new Order(ada, [{ name: 'quill', price: 2.5, count: 4 }, { name: 'ink', price: 7, count: 1 }]);
note(describe(order));
console.log(ada);
console.log(order.lines);

setTimeout(() => note('timer 200'), 200);
setTimeout(() => note('timer 10'), 10);
Promise.resolve().then(() => note('microtask'));
queueMicrotask(() => note('queued microtask'));
note(`awaited ${await sleep(20, 'twenty')}`);

const { total, default: summary } = await import('./report.mjs');
note(`total ${total([order])}`);
console.log(summary([order]));

try {
  await import('./missing.mjs');
} catch (error) {
  note(`import failed: ${error instanceof Error}`);
}

let ticks = 0;
await new Promise((resolve) => {
  const interval = setInterval((step) => {
    ticks += step;
    note(`tick ${ticks}`);
    if (ticks === 6) {
      clearInterval(interval);
      resolve();
    }
  }, 5, 2);
});

const again = await import('./report.mjs');
note(`the same module: ${again.total === total}, loaded ${again.loads()} time`);
await sleep(300);
console.log(new Map([['lines', log.length], ['last', log.at(-1)]]));
export { log };
