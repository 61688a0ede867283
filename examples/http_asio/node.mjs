// The same handlers in Node: what bench.sh compares with.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import handlers from "./handlers.mjs";

const files = fileURLToPath(new URL("files", import.meta.url));
const answer = handlers({
  sleep,
  readFile: (name) => readFile(join(files, basename(name)), "utf8"),
});

const server = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const [path, search] = request.url.split("?", 2);
  const query = search === undefined ? {} : Object.fromEntries(new URLSearchParams(search));
  let reply;
  try {
    reply = await answer({ method: request.method, path, query, body });
  } catch (error) {
    reply = { status: 500, type: "text/plain", body: `${error.message}\n` };
  }
  const length = Buffer.byteLength(reply.body);
  response.writeHead(reply.status, { "Content-Type": reply.type, "Content-Length": length });
  response.end(reply.body);
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
