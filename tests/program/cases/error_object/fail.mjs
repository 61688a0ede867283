export function fail(value) { throw value; }
