// fine
export const = 1;
