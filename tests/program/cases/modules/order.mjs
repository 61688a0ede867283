// One half of the cycle: orders know customers, customers know orders.
import { Customer, greeting } from './customer.mjs';
import { money } from './lib/text.mjs';

export class Order {
  constructor(customer, lines) {
    this.customer = customer;
    this.lines = lines;
    customer.orders.push(this);
  }
  get sum() {
    return this.lines.reduce((sum, { price, count }) => sum + price * count, 0);
  }
  toString() {
    return `${this.lines.length} lines, ${money(this.sum)}`;
  }
}

export function describe(order) {
  return `${greeting(order.customer)}: ${order} (${order.customer instanceof Customer})`;
}
