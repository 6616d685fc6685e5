// @ts-check
// Installs the packed package into the app, as `npm install` of a published package does: the frameworks treat a linked folder as
// a part of the app and bundle it.
import process from "node:process";
import { installPackage } from "../../tests/packages/install.mjs";

await installPackage(process.cwd());
