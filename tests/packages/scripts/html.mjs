import { parseDocument, DomUtils, Parser } from 'htmlparser2';
import { parse, serialize, parseFragment } from 'parse5';
const html = '<!doctype html><title>T</title><p class=a>one<p>two &amp; &eacute;<br><table><td>x</table><script>if (a < b) {}</script>';
console.log(serialize(parse(html)), serialize(parseFragment('<li>a<li>b')));
const dom = parseDocument(html);
console.log(DomUtils.getElementsByTagName('p', dom).map((p) => DomUtils.textContent(p)), DomUtils.getOuterHTML(dom).length);
const events = []; const p = new Parser({ onopentag: (n, a) => events.push(n + JSON.stringify(a)), ontext: (t) => events.push(t) }, { decodeEntities: true });
p.write('<a href="x">'); p.write('t&lt;'); p.end(); console.log(events);
