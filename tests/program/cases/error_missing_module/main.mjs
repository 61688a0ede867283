// import './none.mjs' in a comment is not the import
const text = './none.mjs';
import * as none
  from "./none.mjs";
