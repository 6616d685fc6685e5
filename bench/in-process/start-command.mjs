// @ts-check
// Prints how long a server in Node takes from the start of its process to its first answer, in milliseconds.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

const start = performance.now();
const args = [String(process.argv[2]), "--port", "0", "--json", "--config", "none", "--log", "warn"];
const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TELEMATICS_MOCK_BIN: "" } });
const [line] = await once(server.stdout.setEncoding("utf8"), "data");
const response = await fetch(`${JSON.parse(line).url}/__mock/health`);
if (response.status !== 200) throw new Error(`the health check was answered with ${response.status}`);
console.log(performance.now() - start);
server.kill();
