import { fail } from './fail.mjs';
await null;
fail({ code: 7, nested: { list: [1, 2] } });
