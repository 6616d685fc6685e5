// @ts-check
// Measures the packed mock in Node and prints one line of JSON: times in milliseconds, rates in requests a second, sizes in bytes.
import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { installPackage } from "../../tests/packages/install.mjs";
import { startBareServer } from "./bare-server.mjs";
import { wasmMemory } from "./wasm-memory.mjs";

const { values } = parseArgs({ options: { binary: { type: "string" }, rounds: { type: "string" }, refreshes: { type: "string" } } });
const [rounds, refreshes] = [Number(values.rounds), Number(values.refreshes)];
if (!values.binary || !(rounds > 0) || !(refreshes > 0)) throw new Error("usage: measure.mjs --binary PATH --rounds N --refreshes N");
const binary = resolve(values.binary);

/** Starts of each kind in a round. */
const STARTS = 5;
/** Users of a mock whose memory is measured, and how many such mocks there are, one after the other. */
const MEMORY = { users: 5_000, mocks: 20 };

const folder = fileURLToPath(new URL("../../target/bench/in-process", import.meta.url));
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const installed = pathToFileURL(`${await installPackage(folder, "telematics-mock")}/`);
const memory = wasmMemory();
/** @type {typeof import("telematics-mock")} */
const { createMock } = await import(new URL("index.js", installed).href);

/** @param {string} line */
const say = (line) => console.error(`  ${line}`);

/** Runs a script of this folder in a fresh process and resolves to the number that it prints. @param {string} script @param {...string} args */
async function inFreshProcess(script, ...args) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const printed = Number(await text(child.stdout));
  if (!(printed > 0)) throw new Error(`${script} failed`);
  return printed;
}

/** Each start is that of a fresh process, so that nothing is compiled yet. The kinds take turns. */
async function measureStarts() {
  /** @type {Record<"create" | "native" | "command" | "bare", number[]>} */
  const times = { create: [], native: [], command: [], bare: [] };
  for (let start = 1; start <= rounds * STARTS; start++) {
    times.create.push(await inFreshProcess("create.mjs", new URL("index.js", installed).href));
    times.native.push(await inFreshProcess("start-native.mjs", new URL("server.js", installed).href, binary));
    times.command.push(await inFreshProcess("start-command.mjs", fileURLToPath(new URL("bin/telematics-mock.js", installed))));
    times.bare.push(await inFreshProcess("start-command.mjs", fileURLToPath(new URL("bare-server.mjs", import.meta.url))));
    if (start % STARTS === 0) say(`started ${start} of ${rounds * STARTS} times`);
  }
  return times;
}

/**
 * Refreshes one session again and again, each time with the tokens of the refresh before.
 *
 * @param {(url: string, init: RequestInit) => Promise<Response>} send
 * @param {string} url
 * @param {any} tokens
 */
async function refreshAll(send, url, tokens) {
  const start = performance.now();
  for (let refresh = 0; refresh < refreshes; refresh++) {
    const body = JSON.stringify({ AccessToken: tokens.AccessToken.Token, RefreshToken: tokens.RefreshToken });
    const response = await send(`${url}/v1/Auth/RefreshToken`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (response.status !== 200) throw new Error(`a refresh was answered with ${response.status}`);
    tokens = (await response.json()).Result;
  }
  return { tokens, perSecond: (refreshes / (performance.now() - start)) * 1000 };
}

/** The mock in this process, and the fetch of Node at a server that always gives the same answer, take turns. */
async function measureRefreshes() {
  const mock = await createMock();
  const { instanceId, instanceKey } = mock.instance;
  const headers = { InstanceId: instanceId, InstanceKey: instanceKey, "Content-Type": "application/json" };
  const registered = await mock.fetch("/v1/Registration/Create", { method: "POST", headers, body: "{}" });
  let { Result: tokens } = await registered.json();
  const bare = await startBareServer(tokens);
  /** @type {Record<"mock" | "bare", number[]>} */
  const rates = { mock: [], bare: [] };
  try {
    await refreshAll(mock.fetch, mock.url, tokens).then((warm) => (tokens = warm.tokens));
    for (let round = 1; round <= rounds; round++) {
      const ours = await refreshAll(mock.fetch, mock.url, tokens);
      tokens = ours.tokens;
      rates.mock.push(ours.perSecond);
      rates.bare.push((await refreshAll(fetch, bare.url, tokens)).perSecond);
      say(`refreshes, round ${round} of ${rounds}`);
    }
  } finally {
    await bare.stop();
    mock.free();
  }
  return rates;
}

/** The memory of the WebAssembly never shrinks, so that what a mock has left there shows as growth. */
async function measureMemory() {
  const sizes = [];
  for (let round = 0; round < MEMORY.mocks; round++) {
    const mock = await createMock();
    await mock.users.add({ count: MEMORY.users });
    mock.free();
    sizes.push(memory());
  }
  return { users: MEMORY.users, mocks: MEMORY.mocks, first: sizes.at(0), last: sizes.at(-1) };
}

const starts = await measureStarts();
const [refreshing, kept] = [await measureRefreshes(), await measureMemory()];
console.log(JSON.stringify({ starts, refreshing, memory: kept }));
