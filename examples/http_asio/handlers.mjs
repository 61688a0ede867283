// What the server answers, as async functions. The same file runs in quip (server.cpp) and in Node
// (node.mjs), each of which gives it its own `sleep` and `readFile`.
const text = (body, status = 200) => ({ status, type: "text/plain", body });
const json = (value) => ({ status: 200, type: "application/json", body: JSON.stringify(value) });

export default function handlers({ sleep, readFile }) {
  const routes = {
    "GET /hello": async () => text("Hello, world!\n"),

    "GET /sleep": async ({ query }) => {
      const ms = Number(query.ms ?? 0);
      if (!(ms >= 0 && ms <= 60000)) throw new RangeError(`cannot sleep ${query.ms} ms`);
      await sleep(ms);
      return text(`slept ${ms} ms\n`);
    },

    "GET /file": async ({ query }) => text(await readFile(query.name ?? "")),

    "POST /sum": async ({ body }) => {
      const numbers = JSON.parse(body);
      if (!Array.isArray(numbers)) throw new TypeError("an array of numbers is needed");
      return json({ sum: numbers.reduce((sum, number) => sum + number, 0) });
    },
  };

  return async (request) => {
    const route = routes[`${request.method} ${request.path}`];
    return route === undefined ? text("no such page\n", 404) : route(request);
  };
}
