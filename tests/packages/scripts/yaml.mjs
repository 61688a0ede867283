import YAML, { parseDocument, isMap } from 'yaml';
const text = `# servers\nservers: &all\n  - name: one\n    port: 8080\n    tags: [a, "b c"]\n  - name: two\n    text: |\n      several\n      lines\nalias: *all\nwhen: 2026-01-02\nempty: ~\nhex: 0xff\n`;
console.log(JSON.stringify(YAML.parse(text)));
const doc = parseDocument(text);
doc.setIn(['servers', 0, 'port'], 9090);
doc.add({ key: 'more', value: { x: 1.5, list: [true, false] } });
console.log(String(doc), isMap(doc.contents));
console.log(YAML.stringify({ a: 'yes', b: 'multi\nline', c: [1, [2, { d: null }]] }));
try { YAML.parse('a: [1, 2'); } catch (e) { console.log(e.name, e.code, e.linePos?.[0].line); }
