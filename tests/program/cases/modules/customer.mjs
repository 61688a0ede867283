// The other half. Functions and classes of the cycle are used only when all has run.
import { Order, describe } from './order.mjs';

export class Customer {
  orders = [];
  #secret = 1;
  constructor(name) {
    this.name = name;
  }
}
export const greeting = ({ name, orders }) => `${name} has ${orders.filter((o) => o instanceof Order).length} order`;
export const cyclic = () => describe.name;
