import { describe, expect, test } from "vitest";
import { pureImports } from "../../../src/config/purity.ts";

describe("a text that depends on floe and its own files alone", () => {
  test("names what it imports", () => {
    const text = `import { container, sh } from "floe";
import type { Site } from "../types.ts";
import * as motd from '../modules/motd.mts';
export { other } from "./other.ts";
import "./side.ts";
const ports = Math.max(...[1, 2].map(Number));
export default container({}, { imports: [motd.default], text: "It is !important" });`;
    expect(pureImports(text)).toEqual(["../types.ts", "../modules/motd.mts", "./other.ts", "./side.ts"]);
  });

  test("may use what is the same everywhere", () => {
    expect(pureImports("export const x = new Map(Object.entries(JSON.parse('{}')));")).toEqual([]);
  });
});

describe("refused", () => {
  test.each([
    ["the environment", "export const home = process.env.HOME;"],
    ["the environment, by another name", "export const home = globalThis['pro' + 'cess'];"],
    ["the environment, spelled with an escape", "export const home = pr\\u006fcess.env.HOME;"],
    ["the clock", "export const now = new Date();"],
    ["another clock", "export const now = performance.now();"],
    ["chance", "export const port = Math.random();"],
    ["chance, taken apart", "const { random } = Math;"],
    ["the network", "export const x = await fetch('http://x');"],
    ["a timer", "setTimeout(() => {}, 1);"],
    ["the terminal", "console.log(1);"],
    ["code from text", "export const x = eval('1');"],
    ["code from text, without the word", "export const x = [].at.constructor('return 1')();"],
    ["the language of the user", "export const x = (1234).toLocaleString();"],
    ["the order of letters there", "export const x = ['b', 'a'].sort((a, b) => a.localeCompare(b));"],
    ["where it was called", "export const x = new Error().stack;"],
    ["a module of Node", 'import fs from "node:fs";'],
    ["a module of Node, without a space", 'import{readFileSync}from"fs";'],
    ["a package", 'import { merge } from "lodash";'],
    ["a package that is exported again", 'export * from "lodash";'],
    ["a part of floe that acts", 'import { load } from "floe/pipeline";'],
    ["a file without its ending", 'import { motd } from "../modules/motd";'],
    ["JavaScript", 'import { motd } from "./motd.js";'],
    ["an import while it runs", 'const x = await import("./x.ts");'],
    ["an import behind a comment", 'const x = await import /* x */ ("./x.ts");'],
    ["a source behind a comment", 'import x from /* y */ "node:fs";'],
    ["its own address", "export const here = import.meta.url;"],
    ["require", 'const fs = require("fs");'],
    ["the loader's arguments", "export const x = arguments;"],
    ["its own place", "export const x = __dirname;"],
  ])("%s", (_, text) => {
    expect(pureImports(text)).toBeUndefined();
  });
});
