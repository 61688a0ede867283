function busy(milliseconds) {
  const end = performance.now() + milliseconds;
  let sum = 0;
  while (performance.now() < end) {
    for (let i = 0; i < 1000; ++i) sum += i;
  }
  return sum;
}

busy(60);
setTimeout(function inTimer() {
  busy(60);
  console.log(String(scriptArgs));
}, 1);
