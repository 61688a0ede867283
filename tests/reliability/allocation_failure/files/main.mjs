import { half } from "./half.mjs";
globalThis.result = half * 2;
