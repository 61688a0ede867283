import { customAlphabet } from 'nanoid/non-secure';
console.log(customAlphabet('a', 5)());
