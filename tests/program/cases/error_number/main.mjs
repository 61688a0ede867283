const unrelated = "throw 1; // not a statement";
/* throw 2; */
const generator = { throw: 3, value: `throw 4` };
function check(value) {
  if (value > generator.throw - 1) throw value * 14;
}
if (unrelated === '') throw new RangeError('not this one');
check(3);
