import { parse } from 'csv-parse/browser/esm/sync';
console.log(parse('a,b\n1,"x ""y"""\n2,\n', { columns: true }));
