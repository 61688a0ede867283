// Shared by the rules.
export const percent = (rate, amount) => (amount * rate) / 100;

export const pieces = (order) => order.lines.reduce((sum, line) => sum + line.count, 0);
