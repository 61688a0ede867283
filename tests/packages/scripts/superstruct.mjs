import { object, string, number, array, optional, define, assert, is, create, defaulted, StructError, refine } from 'superstruct';
const Even = refine(number(), 'even', (n) => n % 2 === 0 || `${n} is odd`);
const Article = object({ id: Even, title: string(), tags: array(string()), author: optional(object({ id: number() })) });
assert({ id: 2, title: 'Hello', tags: ['a'], author: { id: 1 } }, Article);
try { assert({ id: 3, title: 4, tags: ['a', 5] }, Article); } catch (e) {
  console.log(e instanceof StructError, e.message);
  for (const f of e.failures()) console.log(f.path.join('.'), f.type, f.message);
}
console.log(create({ n: undefined }, object({ n: defaulted(number(), () => 42) })));
console.log(is('x@y', define('at', (s) => typeof s === 'string' && s.includes('@'))));
