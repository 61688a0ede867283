export const line = (name, cents, { sign, digits }) =>
  `${name.padEnd(8)}${(cents / 100).toFixed(digits).padStart(6)} ${sign}`;
