// Where lines break.
console.log({ alpha: 'aaaaaaaaaaaaaaaaaaaa', beta: 'bbbbbbbbbbbbbbbbbbbb', gamma: 'cccccccc' });
console.log({ alpha: 'aaaaaaaaaaaaaaaaaaaa', beta: 'bbbbbbbbbbbbbbbbbbbb', gamma: 'cccccccccccc' });
console.log({ a: { b: { c: 1 } }, d: [[1], [2], [[3]]] });
console.log([[[]], [[1]], [[[1]]], {}, { a: {} }, { a: { b: { c: {} } } }, { a: { b: { c: { d: 1 } } } }]);
console.log(Array.from({ length: 7 }, (_, i) => i ** 5));
console.log(Array.from({ length: 30 }, (_, i) => 'x'.repeat(i % 7)));
console.log(Array.from({ length: 12 }, (_, i) => ({ id: i })));
console.log(Array.from({ length: 101 }, (_, i) => -i), Array.from({ length: 101 }, () => 'ab'));
console.log(new Set(Array.from({ length: 102 }, (_, i) => i)));
console.log(new Map([[{ key: 1 }, { value: [1, 2, 3] }], ['long key '.repeat(5), 'long value '.repeat(5)]]));
console.log(new Float64Array(12).fill(0.5), new Uint8Array(130), new BigInt64Array([1n, -1n]));
console.log(['line one\nline two', 'x'.repeat(90), 'first\n' + 'y'.repeat(90)]);
console.log({ text: 'z'.repeat(10010) }.text.length, [`${'z'.repeat(10010)}`].length);
console.log({ 'quoted-key': 1, plain_key: 2, 3: 3, 'ünï': 4, '': 5 });
console.log(['é', 'ü', 'ö', '漢', '字', '😀', 'ab'], { 'é': '漢字' });
console.log(Object.assign([1, 2, 3], { named: true, [Symbol('s')]: 1 }), Object.assign(() => {}, { a: { b: {} } }));
console.log({ f() {}, g: async () => {}, *h() {}, k: class {}, l: class extends Array {}, m: Math.max });
console.log(JSON.parse('{"a":[{"b":[{"c":[1,2,{"d":3}]}]},null,true,1.5e300,"s"]}'));
