// @ts-check
// A server of Node that gives one answer to every request: the baseline.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The variable with the answer, for the process of the server. */
const ANSWER = "BARE_ANSWER";

/** Starts the server in a process of its own. @param {unknown} result what its answers have in `Result` */
export async function startBareServer(result) {
  const env = { ...process.env, [ANSWER]: JSON.stringify({ Result: result, Status: 200, Title: "", Errors: [] }) };
  const server = spawn(process.execPath, [fileURLToPath(import.meta.url)], { stdio: ["ignore", "pipe", "inherit"], env });
  const [line] = await once(server.stdout.setEncoding("utf8"), "data");
  const stop = async () => {
    const ended = once(server, "exit");
    server.kill();
    await ended;
  };
  return { url: String(JSON.parse(line).url), stop };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const answer = process.env[ANSWER] ?? "{}";
  const server = createServer(async (request, response) => {
    for await (const piece of request) void piece;
    response.writeHead(200, { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" }).end(answer);
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    console.log(JSON.stringify({ url: `http://127.0.0.1:${typeof address === "object" ? address?.port : address}` }));
  });
}
