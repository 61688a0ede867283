import { price } from './parts/price.mjs';
import { greeting } from 'host:greeting';

const { default: later } = await import('./parts/' + 'later' + '.mjs');
globalThis.out = `${greeting} ${price(2)} ${later} ${import.meta.url}`;
