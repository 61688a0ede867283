import Decimal from 'decimal.js';
import Big from 'big.js';
import BigNumber from 'bignumber.js';
Decimal.set({ precision: 50 });
console.log(Decimal.sqrt(2).toString(), new Decimal('0.1').plus('0.2').equals('0.3'), Decimal.exp(1).toFixed(40));
console.log(Decimal.sin(1).toString(), new Decimal('1e-30').pow(3).toString(), new Decimal(255).toHex());
Big.DP = 30;
console.log(new Big(1).div(3).toString(), new Big('123456789.987654321').times('1e10').round(2).toString());
console.log(new BigNumber('1e500').plus(1).minus('1e500').toString(), new BigNumber('255.5').toString(2), new BigNumber(1234567.891).toFormat(2));
try { new Big('x'); } catch (e) { console.log(e.message); }
