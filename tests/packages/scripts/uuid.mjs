import { v5, v3, validate, version, parse, stringify, NIL } from 'uuid';
console.log(v5('quip', v5.DNS), v3('quip', v3.URL), validate(NIL), version(v5('x', v5.URL)), stringify(parse(v5('y', v5.URL))));
