import JSON5 from 'json5';
import { parse, stringify } from 'smol-toml';
console.log(JSON5.parse("{a: 1, 'b': [+1, .5, 0xF, Infinity,], // c\n c: 'x\\\ny', /* d */ d: null,}"), JSON5.stringify({ a: [1, { b: 'it\'s' }], 'c-d': NaN }, null, 2));
try { JSON5.parse('{a: }'); } catch (e) { console.log(e.name, e.message, e.lineNumber, e.columnNumber); }
const toml = parse('title = "T"\n[owner]\nname = "A"\nborn = 1979-05-27T07:32:00Z\n[[list]]\nn = 1_000\n[[list]]\nn = 0b101\ninf = -inf\nm = """\nmulti\nline"""\n');
console.log(JSON.stringify(toml), stringify({ a: { b: [1, 2.5, 'x'], c: { d: true } }, e: [{ f: 1 }] }));
try { parse('a = 1\na = 2'); } catch (e) { console.log(e.message.split('\n')[0], e.line, e.column); }
