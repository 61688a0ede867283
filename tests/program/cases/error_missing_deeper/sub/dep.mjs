
export { x } from "../nowhere/x.mjs";
