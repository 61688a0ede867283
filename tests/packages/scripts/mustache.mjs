import Mustache from 'mustache';
const template = `{{#people}}* {{name}}{{^age}} (ageless){{/age}}{{#age}}, {{.}}{{/age}}\n{{/people}}{{{raw}}} {{raw}} {{> part}}{{! nothing }}`;
const view = { people: [{ name: 'Ann', age: 30 }, { name: 'B & C' }], raw: '<b>', bold: () => (text, render) => `<b>${render(text)}</b>`, who: 'you' };
console.log(Mustache.render(template, view, { part: '{{#bold}}hi {{who}}{{/bold}}' }));
console.log(JSON.stringify(Mustache.parse('a {{b}} {{#c}}d{{/c}}')));
try { Mustache.render('{{#open}}', {}); } catch (e) { console.log(e.message); }
