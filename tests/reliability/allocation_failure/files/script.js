// Read by the operations eval_file.
const numbers = [1, 2, 3];
numbers.reduce((sum, n) => sum + n, 0);
