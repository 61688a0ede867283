export const half = 21;
