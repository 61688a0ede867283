// Ready only after a while: who imports it waits.
const started = 'started';
const currency = await new Promise((resolve) => setTimeout(resolve, 5, 'EUR'));
export let readyAt = started;
readyAt += ' and waited';
export default { currency };
