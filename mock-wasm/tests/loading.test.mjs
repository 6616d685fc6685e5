// @ts-check
// Where the WebAssembly comes from. A program loads it once, so each case is a program of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const entry = JSON.stringify(new URL("../npm/index.js", import.meta.url).href);
const file = JSON.stringify(new URL("../npm/wasm/mock_bg.wasm", import.meta.url).href);

/** Runs a program and returns what it prints. @param {string} program */
async function printed(program) {
  const given = `import { readFile } from "node:fs/promises"; import { createMock } from ${entry}; const file = new URL(${file});`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", given + program]);
  return stdout.trim();
}

const sources = {
  "by itself": "undefined",
  "from a URL": "file",
  "from text": "file.href",
  "from bytes": "await readFile(file)",
  "from a buffer": "new Uint8Array(await readFile(file)).buffer",
  "from a response": "new Response(await readFile(file))",
  "from a compiled module": "await WebAssembly.compile(await readFile(file))",
};

for (const [name, source] of Object.entries(sources)) {
  test(`the WebAssembly is loaded ${name}`, async () => {
    const program = `const mock = await createMock({ wasm: ${source} }); console.log((await mock.health()).status);`;
    assert.equal(await printed(program), "ok");
  });
}

test("a wrong source is refused with a sentence, and the next mock can bring another one", async () => {
  const program = `
    await createMock({ wasm: new Uint8Array([1, 2, 3]) }).catch(({ name, message }) => console.log(name, message));
    console.log((await (await createMock()).health()).status);
  `;
  assert.match(await printed(program), /^MockServerError The WebAssembly of the mock could not be loaded \(.*\): set the option `wasm`\.\nok$/);
});
