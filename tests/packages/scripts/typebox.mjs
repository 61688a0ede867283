import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { TypeCompiler } from '@sinclair/typebox/compiler';
const T = Type.Object({ x: Type.Number({ minimum: 0 }), y: Type.Union([Type.Literal('a'), Type.Literal('b')]), z: Type.Optional(Type.Array(Type.String())) });
console.log(JSON.stringify(T));
const C = TypeCompiler.Compile(T);
console.log(C.Check({ x: 1, y: 'a' }), C.Check({ x: -1, y: 'c' }));
for (const e of Value.Errors(T, { x: -1, y: 'c', z: [1] })) console.log(e.path, e.message);
console.log(Value.Create(T), Value.Convert(T, { x: '3', y: 'a' }), Value.Diff({ a: 1, b: [1, 2] }, { a: 2, b: [1, 3] }));
