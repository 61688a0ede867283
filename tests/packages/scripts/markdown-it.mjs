import MarkdownIt from 'markdown-it';
const md = new MarkdownIt({ html: false, linkify: true, typographer: true });
console.log(md.render('# Title\n\nVisit www.example.org -- "quoted" (c) <b>no html</b>\n\n1. a\n2. b\n\n```c\nint x;\n```\n'));
md.renderer.rules.strong_open = () => '<strong class="x">';
console.log(md.renderInline('**bold** and ~~gone~~ &copy; &auml;'));
console.log(md.parse('- a\n- b', {}).map((t) => `${t.type}:${t.level}`).join());
