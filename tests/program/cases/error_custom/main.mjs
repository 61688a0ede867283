class ParseError extends Error {
  constructor(message, options) { super(message, options); this.code = 'E_PARSE'; }
}
function parse() { throw new TypeError('the root'); }
try {
  parse();
} catch (cause) {
  throw new ParseError('two\nlines', { cause });
}
