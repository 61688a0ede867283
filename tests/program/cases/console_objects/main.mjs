// Objects of unusual make.
class Point { constructor() { this.x = 1; } get y() { return 2; } static origin = 0; }
class Named extends Point { get [Symbol.toStringTag]() { return 'Tag'; } }
class Stack extends Array {}
class Registry extends Map { extra = 1; }
const frozen = Object.freeze({ a: 1 });
const hidden = Object.defineProperty({ shown: 1 }, 'hidden', { value: 2, enumerable: false });
const noProto = Object.assign(Object.create(null), { a: 1 });
console.log(new Point(), Point, frozen, hidden, noProto, Object.create(new Point()));
console.log(Stack.from([1, 2]), new Stack(), new Registry([['a', 1]]), new Registry());
console.log(Object(1), Object('str'), Object(false), Object(Symbol('b')), Object(2n), Object.assign(Object(5), { p: 1 }));
console.log(/re/dgimsuy, Object.assign(/x/, { a: 1 }), Object.assign(new Date(0), { b: 2 }));
console.log([new Date(NaN)], [Symbol.iterator], { [Symbol.iterator]: 1, [Symbol('two words')]: 2 });
console.log(Promise.resolve({ a: 1 }), new Promise(() => {}), [Promise.resolve([1])]);
console.log(new ArrayBuffer(3), new Uint8Array([255, 0, 7]).buffer, new DataView(new ArrayBuffer(1)));
console.log(new WeakMap(), new WeakSet(), [][Symbol.iterator]() !== undefined, (function* () {})());
console.log(Object.create({ constructor: undefined }), Object.create({}), new (class {})(), new (class { a = 1; })());
console.log(function () {}, function named() {}, class A {}, class B extends Point {}, async function* gen() {});
console.log({ get a() { return 1; }, set a(v) {}, get b() { return 1; }, set c(v) {} });
console.log([undefined, , null], [, , 1, ,], Object.assign([, 1], { k: 1 }), new Array(3));
console.log((function () { return arguments; })(1, 'a'), Math, JSON, Reflect, globalThis === undefined);
console.log([1, [2, [3, [4, [5]]]]], { a: { b: { c: { d: {} } } } }, [[[new Point()]]], [[[[new Map()]]]]);
const ring = { name: 'ring', list: [] };
ring.list.push(ring, { back: ring.list });
console.log(ring, new Map([['ring', ring]]), new Set([ring]));
const view = await import('./exports.mjs');
console.log(view, import.meta.url.startsWith('file:'));
