import { Eta } from 'eta/core'; // 'eta' itself reads files with Node's modules
const eta = new Eta({ autoTrim: false });
console.log(eta.renderString('Hi <%= it.name %>! <% for (const x of it.list) { %>[<%~ x %>]<% } %>', { name: '<you>', list: ['<a>', 'b'] }));
eta.loadTemplate('@part', 'part of <%= it.of %>');
console.log(eta.renderString("<%~ include('@part', { of: 'it' }) %>", {}), await eta.renderStringAsync('<%= await it.later %>', { later: Promise.resolve(7) }));
try { eta.compile('<% if ( %>'); } catch (e) { console.log(e.name); }
