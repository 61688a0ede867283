// Nothing that a script can put into an object runs when it is shown.
let runs = 0;
const ran = () => { runs++; throw new Error('ran'); };
const every = new Proxy({}, { get: () => ran });
console.log({ get getter() { return ran(); }, toString: ran, valueOf: ran, toJSON: ran, [Symbol.toPrimitive]: ran, inspect: ran });
console.log(new Proxy({ a: 1 }, every), new Proxy([1, 2], every), new Proxy(function f() {}, every));
console.log('%s %d %i %f %o %O', ...Array(6).fill(new Proxy({ b: 2 }, every)));
console.log([new Proxy(new Proxy({ deep: true }, every), every)], new Map([[new Proxy({}, every), 1]]));
const { proxy, revoke } = Proxy.revocable({}, every);
revoke();
console.log(proxy, [proxy]);
console.log(Object.create(new Proxy({}, every)) !== null);
class Tagged { get [Symbol.toStringTag]() { return ran(); } static get [Symbol.hasInstance]() { return ran; } }
console.log(new Tagged());
console.log(Object.defineProperty(class Name {}, 'name', { get: ran }), Object.defineProperty(() => {}, 'name', { get: ran }));
console.log(Object.defineProperty([1, 2], 0, { get: ran }), Object.defineProperty(new Error('e'), 'message', { get: ran }) !== null);
class Liar extends Map { get size() { return ran(); } entries() { return ran(); } [Symbol.iterator]() { return ran(); } }
console.log(new Liar([[1, 2]]));
class Dates extends Date { toISOString() { return ran(); } getTime() { return ran(); } }
console.log(new Dates(0));
class Patterns extends RegExp { get source() { return ran(); } get flags() { return ran(); } toString() { return ran(); } }
console.log(new Patterns('a', 'g'));
console.log(Object.setPrototypeOf(new Map(), null) !== null, Object.setPrototypeOf(() => {}, null) !== null);

let deep = {};
for (let i = 0; i < 10000; i++) deep = { deep };
console.log(deep);
let deepArray = [];
for (let i = 0; i < 10000; i++) deepArray = [deepArray];
console.log(deepArray);
let long = Object.create(null);
for (let i = 0; i < 10000; i++) long = Object.create(long);
console.log(typeof long, long);
console.log(long === null);
const huge = 'x'.repeat(1 << 20);
console.log([huge].length, `${huge}`.length);
console.log({ huge }.huge === huge, ['y'.repeat(10001)].length);
console.log(Array.from({ length: 1e6 }, () => 0));
console.log(new Array(4294967295), [, ...new Array(3)]);
console.log('\ud83d lone', ['\ud83d', '\0', '\x7f\x9f']);

// Tampering with what the console might use changes nothing.
Object.prototype.value = 'polluted';
Object.prototype.get = ran;
Array.prototype[Symbol.iterator] = ran;
Array.prototype.push = ran;
Map.prototype.entries = ran;
Function.prototype.call = ran;
Reflect.ownKeys = Object.getOwnPropertyDescriptor = Object.keys = Reflect.apply = ran;
globalThis.Map = globalThis.Object = globalThis.Reflect = globalThis.Symbol = undefined;
console.log({ still: 'fine' }, [1, 2]);
setTimeout((...all) => console.log('timer', all.length), 1, 'a', 'b');
console.log(`ran ${runs} times`);
