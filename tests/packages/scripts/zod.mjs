import { z } from 'zod';
const User = z.object({
  name: z.string().min(2),
  age: z.number().int().nonnegative().optional(),
  email: z.email(),
  role: z.enum(['admin', 'user']).default('user'),
  tags: z.array(z.string()).max(3),
}).strict();
console.log(User.parse({ name: 'Ann', email: 'a@b.org', tags: ['x'] }));
const bad = User.safeParse({ name: 'A', age: 1.5, email: 'nope', role: 'root', tags: [1], more: true });
for (const issue of bad.error.issues) console.log(issue.path.join('.'), issue.code, issue.message);
const Shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), r: z.number() }),
  z.object({ kind: z.literal('box'), w: z.number(), h: z.number() }),
]).transform((s) => (s.kind === 'box' ? s.w * s.h : 3 * s.r * s.r));
console.log(Shape.parse({ kind: 'box', w: 2, h: 3 }), Shape.safeParse({ kind: 'line' }).success);
console.log(z.coerce.number().parse('42'), z.string().transform((s) => s.length).parse('four'));
console.log(await z.string().refine(async (s) => s.startsWith('q')).parseAsync('quip'));
