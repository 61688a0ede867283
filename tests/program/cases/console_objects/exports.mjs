export const a = 1, b = { c: [2] }; export default class Main {}; export function f() {}
