// The entry of the bundle: it and ./text.mjs are in the program, compiled.
import { line } from './text.mjs';
import { Basket } from 'shop';

export default function receipt(basket) {
  if (!(basket instanceof Basket)) throw new TypeError('a receipt is for a basket');
  return line('total', basket.total, { sign: 'EUR', digits: 2 });
}
