import { marked, Lexer } from 'marked';
const text = `# Title\n\nSome *text* with \`code\`, a [link](https://example.org "t") and\n\n- one\n- two\n  1. deep\n\n| a | b |\n|---|:-:|\n| 1 | **2** |\n\n> quoted\n\n\`\`\`js\nlet x = 1 < 2;\n\`\`\`\n`;
console.log(marked.parse(text));
console.log(Lexer.lex(text).map((token) => token.type).join());
marked.use({ renderer: { heading: ({ text, depth }) => `<h${depth} class="mine">${text}</h${depth}>\n` } });
console.log(marked.parse('## Again'), marked.parseInline('a **b** c'));
