// @ts-check
// Which program `telematics-mock/server` starts.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { chooseProgram } from "../npm/server/program.js";

const NAME = process.platform === "win32" ? "telematics-mock.exe" : "telematics-mock";

test("the variable in the environment of the server names the program", () => {
  assert.equal(chooseProgram(undefined, { TELEMATICS_MOCK_BIN: "/somewhere/mock" }).path, "/somewhere/mock");
  assert.equal(chooseProgram(undefined, { TELEMATICS_MOCK_BIN: "none" }).path, process.execPath);
});

test("a folder on PATH that has the name of the program is passed over", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "telematics-program-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [one, other] = [join(folder, "one"), join(folder, "other")];
  await mkdir(join(one, NAME), { recursive: true });
  await mkdir(other);
  await writeFile(join(other, NAME), "");
  assert.equal(chooseProgram(undefined, { PATH: [one, other].join(delimiter) }).path, join(other, NAME));
});
