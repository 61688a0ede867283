import { parse } from 'jsonc-parser';
console.log(parse('{"a": 1, // c\n}'));
