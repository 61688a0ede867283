import { tax } from './tax.mjs';
export const price = (count) => count * tax;
