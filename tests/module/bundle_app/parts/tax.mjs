export const tax = 21;
