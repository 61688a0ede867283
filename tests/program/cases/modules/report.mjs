import { money } from './lib/text.mjs';
let count = 0;
count += 1;
await null;
export const loads = () => count;
export const total = (orders) => money(orders.reduce((sum, order) => sum + order.sum, 0));
export default (orders) => orders.map(({ customer: { name }, sum }) => ({ name, sum }));
