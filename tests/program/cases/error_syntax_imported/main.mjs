import './broken.mjs';
console.log('never');
