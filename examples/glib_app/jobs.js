// Jobs that need others, as in a Makefile: each begins when those that it needs have ended.
async function run(words, input) {
  const { status, output } = await new Process(words, input).outcome;
  if (status !== 0) throw new Error(`${words[0]} returned ${status}`);
  return output;
}

async function runAtMost(ms, words) {
  const process = new Process(words);
  let isOver = false;
  sleep(ms).then(() => {
    if (!isOver) process.kill();
  });
  const { status } = await process.outcome;
  isOver = true;
  return status === -1 ? "took too long" : `returned ${status}`;
}

const jobs = {
  words: { job: () => run(["tr", "a-z ", "A-Z\n"], "the quick brown fox jumps over the lazy dog\n") },
  sorted: { needs: ["words"], job: (words) => run(["sort"], words) },
  count: { needs: ["words"], job: (words) => run(["wc", "-l"], words) },
  report: {
    needs: ["sorted", "count"],
    job: (sorted, count) => `${count.trim()} words, the last is ${sorted.trim().split("\n").pop()}`,
  },
};

function start(name, started = new Map()) {
  if (!started.has(name)) {
    const { needs = [], job } = jobs[name];
    const begin = async () => job(...(await Promise.all(needs.map((need) => start(need, started)))));
    started.set(name, begin());
  }
  return started.get(name);
}

async function main() {
  print(await start("report"));
  print(`sleep 60 ${await runAtMost(100, ["sleep", "60"])}`);
  print(`true ${await runAtMost(60000, ["true"])}`);
  await run(["false"]).catch((error) => print(error.message));
  try {
    new Process(["/no/such/program"]);
  } catch (error) {
    print(`${error.name}: a program that is not there`);
  }
}
