// Errors inside of values: the text without the frames, which differ between engines.
const bare = (error) => { error.stack = ''; return error; };
class MyErr extends Error {}
class ValidationError extends Error {}
console.log(bare(new Error('nested')));
console.log([bare(new RangeError('in array'))], { error: bare(new MyErr('x')) });
console.log(bare(new ValidationError('y')), Object.assign(bare(new TypeError('with')), { code: 1 }));
console.log(bare(new Error('outer', { cause: bare(new TypeError('inner', { cause: 3 })) })));
console.log(bare(new AggregateError([bare(new Error('one')), 2], 'both')));
console.log(Object.assign(new Error('own stack'), { stack: 'anything' }));
