// A script that imports modules of every kind.
import { line } from './text.mjs';        // a file
import { discounted } from 'discount';    // a library, discount.so
import { Basket } from 'shop';            // C++ of the program
import currency from 'shop/currency';     // kept in the program's memory

export function sell(menu, orders) {
  const basket = new Basket();
  for (const [name, pieces] of orders) {
    basket.add(name, discounted(menu[name], pieces) * pieces);
  }
  return [...basket].map(({ name, cents }) => line(name, cents, currency)).join('\n');
}
