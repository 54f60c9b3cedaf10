import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { headerLine } from "../../../src/model/header.ts";
import { compareFiles, isCurrent } from "../../../src/synth/files.ts";
import { writeFiles } from "../../../src/synth/write.ts";
import { type TempProject, tempProject } from "../../support/temp-project.ts";

const generated = (text: string) => `# ${headerLine("hosts/x.ts")}\n${text}\n`;

test("compareFiles() tells missing, changed, stale, same and foreign files apart", () => {
  const files = new Map([
    ["flake.nix", generated("1")],
    ["nix/hosts/a.nix", generated("a")],
    ["nix/hosts/b.nix", generated("b")],
    ["nix/hosts/c.nix", generated("c")],
  ]);
  const onDisk = new Map([
    ["flake.nix", generated("1")],
    ["nix/hosts/a.nix", generated("old")],
    ["nix/hosts/c.nix", "{ mine = true; }"],
    ["nix/hosts/gone.nix", generated("gone")],
    ["nix/own.nix", "{ }"],
  ]);
  const differences = compareFiles(files, onDisk);
  expect(differences).toEqual({
    missing: ["nix/hosts/b.nix"],
    changed: ["nix/hosts/a.nix"],
    stale: ["nix/hosts/gone.nix"],
    same: ["flake.nix"],
    foreign: ["nix/hosts/c.nix"],
  });
  expect(isCurrent(differences)).toBe(false);
  expect(isCurrent(compareFiles(new Map([["flake.nix", "x"]]), new Map([["flake.nix", "x"]])))).toBe(false);
  expect(
    isCurrent(compareFiles(new Map([["flake.nix", generated("1")]]), new Map([["flake.nix", generated("1")]]))),
  ).toBe(true);
});

let project: TempProject;
beforeEach(async () => {
  project = await tempProject();
});
afterEach(() => project.remove());

test("writeFiles() writes what differs, leaves what does not, and removes what is stale with its empty folder", async () => {
  const at = (file: string) => path.join(project.root, file);
  await project.write("nix/modules/deep/old.nix", generated("old"));
  await project.write("nix/own.nix", "{ }");
  const files = new Map([
    ["flake.nix", generated("1")],
    ["nix/hosts/a.nix", generated("a")],
  ]);
  expect(writeFiles(project.root, files)).toMatchObject({
    missing: ["flake.nix", "nix/hosts/a.nix"],
    stale: ["nix/modules/deep/old.nix"],
  });
  expect(readFileSync(at("nix/hosts/a.nix"), "utf8")).toBe(generated("a"));
  expect(existsSync(at("nix/modules"))).toBe(false);
  expect(readFileSync(at("nix/own.nix"), "utf8")).toBe("{ }");
  const before = statSync(at("flake.nix")).mtimeMs;
  expect(isCurrent(writeFiles(project.root, files))).toBe(true);
  expect(statSync(at("flake.nix")).mtimeMs).toBe(before);
});

test("writeFiles() touches nothing when a file of one's own is in the way", async () => {
  const own = await project.write("flake.nix", "{ outputs = _: { }; }");
  const files = new Map([
    ["flake.nix", generated("1")],
    ["nix/hosts/a.nix", generated("a")],
  ]);
  expect(() => writeFiles(project.root, files)).toThrow(
    'Cannot write "flake.nix": there is a file that floe did not write',
  );
  expect(readFileSync(own, "utf8")).toBe("{ outputs = _: { }; }");
  expect(existsSync(path.join(project.root, "nix"))).toBe(false);
});
