import * as v from 'valibot';
const Login = v.object({ email: v.pipe(v.string(), v.email()), password: v.pipe(v.string(), v.minLength(8)) });
console.log(v.parse(Login, { email: 'jane@example.org', password: '12345678' }));
const result = v.safeParse(Login, { email: 'jane', password: '1' });
for (const issue of result.issues) console.log(v.getDotPath(issue), issue.message);
const Tree = v.variant('type', [v.object({ type: v.literal('leaf'), n: v.number() }), v.object({ type: v.literal('node'), of: v.array(v.lazy(() => Tree)) })]);
console.log(v.is(Tree, { type: 'node', of: [{ type: 'leaf', n: 1 }, { type: 'node', of: [] }] }), v.is(Tree, { type: 'node', of: [3] }));
console.log(v.parse(v.pipe(v.string(), v.transform(Number), v.integer()), '7'));
