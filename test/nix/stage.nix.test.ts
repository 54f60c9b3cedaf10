import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { headerLine } from "../../src/model/header.ts";
import { lastStage, splitStage, stageProject } from "../../src/nix/stage.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

async function project(files: Record<string, string>): Promise<TempProject> {
  const made = await tempProject(files);
  onTestFinished(() => made.remove());
  return made;
}

function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), "floe-outside-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

function git(root: string, ...args: string[]): void {
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], { cwd: root, stdio: "ignore" });
}

/** Every path in a folder but folders. */
function tree(path: string): string[] {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((item) => !item.isDirectory())
    .map((item) => relative(path, join(item.parentPath, item.name)))
    .sort();
}

describe("stageProject()", () => {
  test("takes what is on disk without git: all but .git, node_modules, .floe, result links and pipes", async () => {
    const { root } = await project({
      "flake.nix": "{}",
      "hosts/a.nix": "1",
      "node_modules/x/y": "",
      "sub/node_modules/z": "",
      "results.nix": "2",
    });
    symlinkSync("/nix/store/00000000000000000000000000000000-x", join(root, "result"));
    symlinkSync("/nix/store/00000000000000000000000000000000-x", join(root, "hosts/result-1"));
    execFileSync("mkfifo", [join(root, "pipe")]);
    const stage = await stageProject({ root });
    expect(tree(stage.path)).toEqual(["flake.nix", "hosts/a.nix", "results.nix"]);
    expect(stage.files).toBe(3);
  });

  test("takes untracked files of a git work tree, not ignored ones, but flake.nix and flake.lock always", async () => {
    const { root } = await project({
      ".gitignore": "*.log\nsecret/\nflake.lock\n",
      "flake.nix": "{}",
      "flake.lock": "{}",
      "tracked.nix": "1",
      "a.log": "",
      "secret/key": "k",
    });
    git(root, "init", "-q");
    git(root, "add", "tracked.nix");
    writeFileSync(join(root, "untracked ä.nix"), "2");
    const stage = await stageProject({ root });
    expect(tree(stage.path)).toEqual([".gitignore", "flake.lock", "flake.nix", "tracked.nix", "untracked ä.nix"]);
  });

  test("takes only its own folder of a larger repository, and a repository inside as a whole", async () => {
    const { root } = await project({
      "other/x": "",
      "home/flake.nix": "{}",
      "home/inner/a.nix": "1",
      "home/inner/.gitignore": "b\n",
      "home/inner/b": "",
    });
    git(root, "init", "-q");
    git(join(root, "home/inner"), "init", "-q");
    const stage = await stageProject({ root: join(root, "home") });
    expect(tree(stage.path)).toEqual(["flake.nix", "inner/.gitignore", "inner/a.nix"]);
  });

  test("keeps links inside the project and copies what links outside lead to", async () => {
    const outside = folder({ "lib.nix": "lib" });
    symlinkSync("lib.nix", join(outside, "alias.nix"));
    const { root } = await project({ "flake.nix": "{}", "modules/a.nix": "1" });
    symlinkSync("a.nix", join(root, "modules/b.nix"));
    symlinkSync(join(root, "modules/a.nix"), join(root, "absolute.nix"));
    symlinkSync(outside, join(root, "firn"));
    symlinkSync(join(outside, "lib.nix"), join(root, "one.nix"));
    symlinkSync("..", join(root, "up"));
    symlinkSync("nowhere", join(root, "dangling"));
    const { path } = await stageProject({ root });
    expect(tree(path)).toEqual([
      "absolute.nix",
      "dangling",
      "firn/alias.nix",
      "firn/lib.nix",
      "flake.nix",
      "modules/a.nix",
      "modules/b.nix",
      "one.nix",
      "up",
    ]);
    expect(readlinkSync(join(path, "modules/b.nix"))).toBe("a.nix");
    expect(readlinkSync(join(path, "absolute.nix"))).toBe("modules/a.nix");
    expect(readlinkSync(join(path, "firn/alias.nix"))).toBe("lib.nix");
    expect(readFileSync(join(path, "one.nix"), "utf8")).toBe("lib");
  });

  test("follows a link out of the project that git tracks as a link", async () => {
    const { root } = await project({
      "firn/flake.nix": "f",
      "firn/ignored": "",
      ".gitignore": "ignored\n",
      "examples/home/flake.nix": `# ${headerLine("floe.config.ts")}\n{}`,
    });
    git(root, "init", "-q");
    symlinkSync("../../firn", join(root, "examples/home/firn"));
    git(root, "add", ".");
    const { path } = await stageProject({ root: join(root, "examples/home") });
    expect(tree(path)).toEqual(["firn/flake.nix", "flake.nix"]);
  });

  test("takes the whole repository around a flake that floe did not write, and names files as from the project", async () => {
    const { root } = await project({ "common.nix": "1", "systems/flake.nix": "{ }", "systems/host.nix": "2" });
    const systems = join(root, "systems");
    expect(tree((await stageProject({ root: systems })).path)).toEqual(["flake.nix", "host.nix"]);
    git(root, "init", "-q");
    const { path } = await stageProject({ root: systems });
    expect(path).toBe(join(systems, ".floe/src/systems"));
    expect(tree(join(systems, ".floe/src"))).toEqual(["common.nix", "systems/flake.nix", "systems/host.nix"]);
    expect(splitStage(path)).toEqual({ top: join(systems, ".floe/src"), folder: "systems" });
    expect(Object.keys(lastStage(systems)?.files ?? {}).sort()).toEqual(["../common.nix", "flake.nix", "host.nix"]);
    writeFileSync(join(systems, "flake.nix"), `# ${headerLine("floe.config.ts")}\n{ }`);
    expect(tree((await stageProject({ root: systems })).path)).toEqual(["flake.nix", "host.nix"]);
  });

  test("notices edits, deletions, renames, kinds and executable bits, and nothing else", async () => {
    const { root } = await project({ "flake.nix": "{}", "a.nix": "1", "deep/er/b.nix": "2" });
    const first = await stageProject({ root });
    const hashes = [first.hash];
    const step = async (change: () => void) => {
      change();
      const { hash } = await stageProject({ root });
      expect(hashes).not.toContain(hash);
      hashes.push(hash);
    };
    await step(() => writeFileSync(join(root, "a.nix"), "3"));
    await step(() => renameSync(join(root, "a.nix"), join(root, "c.nix")));
    await step(() => chmodSync(join(root, "c.nix"), 0o755));
    await step(() => rmSync(join(root, "deep"), { recursive: true }));
    expect(existsSync(join(first.path, "deep"))).toBe(false);
    await step(() => {
      rmSync(join(root, "c.nix"));
      symlinkSync("flake.nix", join(root, "c.nix"));
    });
    await step(() => {
      rmSync(join(root, "c.nix"));
      mkdirSync(join(root, "c.nix"));
      writeFileSync(join(root, "c.nix/default.nix"), "4");
    });
    const before = statSync(join(root, "flake.nix"));
    utimesSync(join(root, "flake.nix"), 1000, 1000);
    chmodSync(join(root, "flake.nix"), 0o600);
    expect((await stageProject({ root })).hash).toBe(hashes.at(-1));
    expect(before.mtimeMs).not.toBe(statSync(join(root, "flake.nix")).mtimeMs);
    expect(tree(first.path)).toEqual(["c.nix/default.nix", "flake.nix"]);
  });

  test("notices an edit of the same size within the same tick", async () => {
    const { root } = await project({ "flake.nix": "{}" });
    const hashes = new Set<string>();
    for (const text of ["1", "2", "3", "4"]) {
      writeFileSync(join(root, "a.nix"), text);
      hashes.add((await stageProject({ root })).hash);
    }
    expect(hashes.size).toBe(4);
  });

  test("notices an edit whose modification time was set back", async () => {
    const { root } = await project({ "flake.nix": "{}", "a.nix": "1" });
    utimesSync(join(root, "a.nix"), 1000, 1000);
    await sleep(150);
    const { hash } = await stageProject({ root });
    writeFileSync(join(root, "a.nix"), "2");
    utimesSync(join(root, "a.nix"), 1000, 1000);
    await sleep(150);
    expect((await stageProject({ root })).hash).not.toBe(hash);
  });

  test("makes a stage anew that was killed half way, deleted, or written by another program", async () => {
    const { root } = await project({ "flake.nix": "{}", "a.nix": "1" });
    const { path, hash } = await stageProject({ root });
    rmSync(join(root, ".floe/cache/stage.json"));
    writeFileSync(join(path, "leftover.nix"), "");
    writeFileSync(join(path, "a.nix"), "half");
    expect((await stageProject({ root })).hash).toBe(hash);
    expect(tree(path)).toEqual(["a.nix", "flake.nix"]);
    expect(readFileSync(join(path, "a.nix"), "utf8")).toBe("1");
    rmSync(path, { recursive: true });
    expect((await stageProject({ root })).hash).toBe(hash);
    expect(tree(path)).toEqual(["a.nix", "flake.nix"]);
  });

  test("does not go round in a circle of links", async () => {
    const { root } = await project({ "flake.nix": "{}" });
    mkdirSync(join(root, "looped"));
    symlinkSync("looped", join(root, "looped/looped"));
    const { path } = await stageProject({ root });
    expect(readlinkSync(join(path, "looped/looped"))).toBe("looped");
  });

  test("warns about a large file, once", async () => {
    const { root } = await project({ "flake.nix": "{}" });
    execFileSync("truncate", ["-s", "60M", join(root, "disk.img")]);
    await sleep(150);
    const events: unknown[] = [];
    await stageProject({ root, emit: (event) => events.push(event) });
    await stageProject({ root, emit: (event) => events.push(event) });
    expect(events).toEqual([
      { type: "message", level: "warning", text: expect.stringContaining(`"disk.img" is 60 MB`) },
    ]);
  });
});
