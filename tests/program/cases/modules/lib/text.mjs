export const money = (amount, currency = 'EUR') => `${amount.toFixed(2)} ${currency}`;
export function title(text) {
  return `== ${text[0].toUpperCase()}${text.slice(1)} ==`;
}
