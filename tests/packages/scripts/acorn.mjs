import { parse, tokenizer, Parser } from 'acorn';
const code = 'class A extends B { #x = 1n; static { f?.(); } async *g() { for await (const x of y) yield* x ?? `t${1}`; } }\nexport default A;';
const tree = parse(code, { ecmaVersion: 2022, sourceType: 'module', locations: true });
const count = (n, found = {}) => { if (n && typeof n.type === 'string') found[n.type] = (found[n.type] ?? 0) + 1; for (const v of Object.values(n ?? {})) if (v && typeof v === 'object') count(v, found); return found; };
console.log(count(tree), tree.body[1].loc.start.line);
console.log([...tokenizer('a + /b/g', { ecmaVersion: 2020 })].map((t) => t.type.label).join());
console.log(JSON.stringify(parse('let {a, ...b} = c?.d ** 2', { ecmaVersion: 'latest' })));
try { parse('let 1', { ecmaVersion: 2022 }); } catch (e) { console.log(e.name, e.message, e.pos); }
console.log(Parser.extend((P) => class extends P { parseLiteral(v) { const n = super.parseLiteral(v); n.seen = true; return n; } }).parse('1', { ecmaVersion: 2020 }).body[0].expression.seen);
