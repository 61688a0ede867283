import katex from 'katex';
console.log(katex.renderToString('c = \\pm\\sqrt{a^2 + \\frac{b}{2}}', { throwOnError: true }));
console.log(katex.renderToString('\\int_0^\\infty e^{-x} dx', { output: 'mathml', displayMode: true }));
try { katex.renderToString('\\frac{1'); } catch (e) { console.log(e.name, e.message); }
