import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { buildFloe, floe, lastDocument } from "./support/floe.ts";

let folder: TempProject;

beforeAll(buildFloe);
beforeEach(async () => {
  folder = await tempProject();
});
afterEach(() => folder.remove());

test("init --firn writes a project that loads", async () => {
  const { exitCode, stdout } = await floe(["init", "home", "--firn"], { cwd: folder.root });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("A project on firn is in home\n");
  expect(stdout).toMatch(
    /\nNext\n {2}cd home\n[\s\S]*\n {2}floe check +types, flake and evaluation[\s\S]*\n {2}floe plan +what would be made\n/,
  );
  const home = path.join(folder.root, "home");
  expect(existsSync(path.join(home, ".gitignore"))).toBe(true);
  // A folder that is renamed later does not rename what the fleet owns in Incus.
  expect(readFileSync(path.join(home, "floe.config.ts"), "utf8")).toContain('fleet({\n  name: "home",\n');
  expect(existsSync(path.join(home, "firn", "flake.nix"))).toBe(true);
  expect(await floe(["synth"], { cwd: home })).toMatchObject({ exitCode: 0 });
  expect(readFileSync(path.join(home, "flake.nix"), "utf8")).toContain("./firn");
});

test("init --nixpkgs writes a project that loads, without firn", async () => {
  expect((await floe(["init", "--nixpkgs"], { cwd: folder.root })).exitCode).toBe(0);
  expect(existsSync(path.join(folder.root, "firn"))).toBe(false);
  expect(readFileSync(path.join(folder.root, "nix/homes/me.nix"), "utf8")).toContain('username = "me";');
  expect((await floe(["synth"], { cwd: folder.root })).exitCode).toBe(0);
});

test("init writes nothing where a file is in the way", async () => {
  await folder.write("floe.config.ts", "// mine\n");
  const { exitCode, stdout, stderr } = await floe(["init", "--firn"], { cwd: folder.root });
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 2,
    stdout: "",
    stderr: `error: Cannot start a project in "${folder.root}": "floe.config.ts" is there already\n\n  hint: Nothing was written. Name an empty folder: floe init DIR\n`,
  });
  expect(readdirSync(folder.root)).toEqual(["floe.config.ts"]);
});

test("init again changes nothing", async () => {
  await floe(["init", "--nixpkgs"], { cwd: folder.root });
  const { exitCode, stdout } = await floe(["init", "--nixpkgs", "--json"], { cwd: folder.root });
  expect(exitCode).toBe(0);
  expect(lastDocument(stdout)).toMatchObject({ version: 1, kind: "init", base: "nixpkgs", written: [] });
});

test("init in a folder whose name cannot be a fleet's names the fleet, and its next steps can be typed", async () => {
  const { exitCode, stdout } = await floe(["init", "Mein Übungs-Ordner (2)", "--firn"], { cwd: folder.root });
  expect(exitCode).toBe(0);
  expect(stdout).toContain("\n  cd 'Mein Übungs-Ordner (2)'\n");
  const home = path.join(folder.root, "Mein Übungs-Ordner (2)");
  expect(readFileSync(path.join(home, "floe.config.ts"), "utf8")).toContain(
    'export default fleet({\n  name: "Mein-Ubungs-Ordner-2",\n  description: "my systems",\n',
  );
  const again = await floe(["init", "Mein Übungs-Ordner (2)", "--firn", "--json"], { cwd: folder.root });
  expect(lastDocument(again.stdout)).toMatchObject({ kind: "init", written: [] });
  expect((await floe(["synth", "--check"], { cwd: home })).exitCode).toBe(0);
});
