// What an order costs. The host calls every rule for every order, in this order. The host gives
//   rule(name, fn)        adds a rule
//   take(item, count)     takes goods from the stock; throws when there are not enough
//   charge(amount, why)   adds a line to the order's bill
//   total()               the sum of the bill so far
// and `config` comes from config.js.
import { percent, pieces } from "./helpers.mjs";

rule("goods", (order) => {
  for (const { item, count } of order.lines) {
    take(item, count);
    charge(count * config.prices[item], `${count} ${item}`);
  }
});

rule("wholesale", (order) => {
  if (pieces(order) >= 24) charge(-percent(10, total()), "10% off from 24 pieces");
});

rule("shipping", (order) => {
  if (!order.pickup && total() < config.freeShippingFrom) charge(config.shipping, "shipping");
});
