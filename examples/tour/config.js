// The shop's settings. This is JavaScript, so a setting may be computed.
const dozen = 12;

var config = {
  currency: "EUR",
  prices: { quince: 0.8, jam: 4.5, honey: 7.25 },
  stock: { quince: 10 * dozen, jam: 3 * dozen, honey: 5 },
  shipping: 4.95,
  freeShippingFrom: 50,
};
