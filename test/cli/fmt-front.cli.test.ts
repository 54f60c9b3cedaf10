/** The installed command's front answers `floe fmt` without Node while nothing has changed, and hands on what git said as soon as something has. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { bin, buildFloe } from "./support/floe.ts";

const front = path.join(path.dirname(bin), "floe");
const realGit = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();

/** A Node, a git and a formatter that leave a trace; `halt` makes Node end before it begins. */
const programs = (folder: string) => ({
  node: `#!/bin/sh\necho node >>'${folder}/log'\n[ -z "$HALT" ] || kill -9 $$\nexec '${process.execPath}' "$@"\n`,
  git: `#!/bin/sh\necho git >>'${folder}/log'\nexec '${realGit}' "$@"\n`,
  tidy: `#!/bin/sh\necho "tidy$FLOE_LISTING" >>'${folder}/log'\nexec sed -i 's/ *$//' "$@"\n`,
});

let project: TempProject;
let tools: TempProject;
const at = (file: string): string => path.join(project.root, file);
const read = (file: string): string => readFileSync(at(file), "utf8");
const git = (...args: string[]): string =>
  execFileSync(realGit, ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
    cwd: project.root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
const commit = (): void => {
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", "all");
};
/** What a change shortly before is not told from one afterwards. */
const settle = () => sleep(150);
const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${tools.root}/bin:${process.env["PATH"]}`,
  NO_COLOR: "1",
  ...more,
});

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  /** The programs that ran, in this order. */
  readonly log: readonly string[];
}

function run(args: readonly string[] = ["fmt"], { cwd = project.root, env = {} as NodeJS.ProcessEnv } = {}): Ran {
  const log = path.join(tools.root, "log");
  rmSync(log, { force: true });
  const { status, stdout } = spawnSync(front, args, { cwd, env: environment(env), encoding: "utf8" });
  return { status, stdout, log: existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [] };
}

const byFront = (files: number): Ran => ({
  status: 0,
  stdout: `${files} file${files === 1 ? "" : "s"}, all formatted already\n`,
  log: ["git"],
});

/** Runs until the front answers. */
async function settled(cwd = project.root): Promise<Ran> {
  await settle();
  run(["fmt"], { cwd });
  await settle();
  run(["fmt"], { cwd });
  return run(["fmt"], { cwd });
}

/** What fmt keeps beside the mark. */
const kept = (): string[] => readdirSync(at(".floe/cache")).filter((name) => name.startsWith("fmt-"));

beforeAll(buildFloe);
beforeEach(async () => {
  tools = await tempProject();
  for (const [name, text] of Object.entries(programs(tools.root)))
    chmodSync(await tools.write(`bin/${name}`, text), 0o755);
  project = await tempProject({
    "base/flake.nix": "{ outputs = _: { }; }\n",
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "fmt-test", inputs: { nixpkgs: dir("./base") }, format: { "*.txt": { command: ["tidy"] } } });
`,
    ".gitignore": ".floe\nnode_modules\n",
    "a.txt": "a\n",
    "b.txt": "b\n",
    "sub/c.txt": "c\n",
  });
  git("init", "-q", "-b", "main");
  commit();
});
afterEach(async () => {
  await project.remove();
  await tools.remove();
});

test("the front answers while nothing has changed, without Node", async () => {
  expect(await settled()).toEqual(byFront(3));
  expect(run(["fmt", "--check"])).toEqual({ status: 0, stdout: "3 files, all well\n", log: ["git"] });
  expect(run(["fmt"], { cwd: at("sub") })).toEqual(byFront(3));
  expect(run(["--version"]).log).toContain("node");
  // What is committed as it is, is no change.
  git("commit", "-q", "--allow-empty", "-m", "nothing");
  expect(run()).toEqual(byFront(3));
  expect(kept()).toEqual(["fmt-clean", expect.stringMatching(/^fmt-clean\.[0-9a-f]{32}$/)]);
});

test.each<[string, (() => void)[], string[]]>([
  ["changed", [() => writeFileSync(at("a.txt"), "a  \n")], ["a.txt"]],
  [
    "changed within the same size",
    [() => writeFileSync(at("a.txt"), " \n"), () => utimesSync(at("a.txt"), 1, 1)],
    ["a.txt"],
  ],
  ["changed and staged", [() => writeFileSync(at("a.txt"), "a  \n"), () => git("add", "-A")], ["a.txt"]],
  ["changed and committed", [() => writeFileSync(at("a.txt"), "a  \n"), () => commit()], ["a.txt"]],
  ["added", [() => writeFileSync(at("new.txt"), "n  \n")], ["new.txt"]],
  ["added with an odd name", [() => writeFileSync(at("ü\n'\"x.txt"), "n  \n")], ["ü\n'\"x.txt"]],
  ["renamed", [() => renameSync(at("a.txt"), at("z.txt")), () => writeFileSync(at("z.txt"), "a  \n")], ["z.txt"]],
  ["renamed in git", [() => git("mv", "a.txt", "z.txt"), () => writeFileSync(at("z.txt"), "a  \n")], ["z.txt"]],
])("a file that was %s is seen, and git is asked once", async (_, changes, formatted) => {
  expect((await settled()).log).toEqual(["git"]);
  for (const change of changes) change();
  expect(run(["fmt", "--check"])).toMatchObject({ status: 1, log: ["git", "node", "tidy"] });
  const ticks = formatted.map((file) => `✓ ${file}\n`).join("");
  expect(run()).toEqual({ status: 0, stdout: `${ticks}\n1 file formatted\n`, log: ["git", "node", "tidy"] });
  for (const file of formatted) expect(read(file)).not.toMatch(/ $/m);
  commit();
  expect((await settled()).log).toEqual(["git"]);
  expect(kept()).toHaveLength(2);
});

test("a file that was deleted is not counted any more, and is seen when it comes back", async () => {
  await settled();
  rmSync(at("a.txt"));
  expect(run()).toEqual({ ...byFront(2), log: ["git", "node"] });
  expect(await settled()).toEqual(byFront(2));
  writeFileSync(at("a.txt"), "other  \n");
  expect(run()).toMatchObject({ stdout: "✓ a.txt\n\n1 file formatted\n" });
});

test("files that are not committed are watched", async () => {
  writeFileSync(at("a.txt"), "changed\n");
  writeFileSync(at("new.txt"), "n\n");
  git("add", "-N", "new.txt");
  writeFileSync(at("other.txt"), "o\n");
  expect(await settled()).toEqual(byFront(5));
  for (const file of ["a.txt", "new.txt", "other.txt"]) {
    writeFileSync(at(file), "again  \n");
    expect(run()).toMatchObject({ stdout: `✓ ${file}\n\n1 file formatted\n`, log: ["git", "node", "tidy"] });
    expect((await settled()).log).toEqual(["git"]);
  }
});

test("the tool, the folders of the PATH and the settings are watched", async () => {
  await settled();
  const change = [
    () => writeFileSync(path.join(tools.root, "bin/new-program"), ""),
    () => mkdirSync(at("node_modules/.bin"), { recursive: true }),
    () => writeFileSync(at("floe.config.ts"), `${read("floe.config.ts")}\n`),
  ];
  for (const one of change) {
    one();
    expect(run().log).toContain("node");
    expect((await settled()).log).toEqual(["git"]);
  }
  expect(run(["fmt"], { env: { PATH: `${tools.root}/bin:${process.env["PATH"]}:/` } }).log).toContain("node");
});

test("a merge that is not finished, and files that git does not look at, are for Node", async () => {
  git("checkout", "-qb", "other");
  writeFileSync(at("a.txt"), "theirs\n");
  commit();
  git("checkout", "-q", "main");
  writeFileSync(at("a.txt"), "ours\n");
  commit();
  expect(() => git("merge", "other")).toThrow();
  expect((await settled()).log).toContain("node");
  git("checkout", "--ours", "a.txt");
  commit();
  expect((await settled()).log).toEqual(["git"]);
  git("update-index", "--assume-unchanged", "a.txt");
  expect((await settled()).log).toContain("node");
  git("update-index", "--no-assume-unchanged", "a.txt");
  git("update-index", "--skip-worktree", "a.txt");
  expect((await settled()).log).toContain("node");
});

test("a worktree, and a project that is a folder of a repository, are answered as well", async () => {
  git("worktree", "add", "-q", at(".floe/tree"));
  expect(await settled(at(".floe/tree"))).toEqual(byFront(3));
  writeFileSync(at(".floe/tree/a.txt"), "a  \n");
  expect(run(["fmt"], { cwd: at(".floe/tree") }).stdout).toBe("✓ a.txt\n\n1 file formatted\n");
  await project.write("inner/base/flake.nix", read("base/flake.nix"));
  await project.write("inner/floe.config.ts", read("floe.config.ts"));
  await project.write("inner/x.txt", "x\n");
  expect(await settled(at("inner"))).toEqual(byFront(1));
  writeFileSync(at("inner/x.txt"), "x  \n");
  expect(run(["fmt"], { cwd: at("inner") }).stdout).toBe("✓ x.txt\n\n1 file formatted\n");
});

test("a floe that is killed before it took git's listing leaves it for a minute at most", async () => {
  await settled();
  writeFileSync(at("a.txt"), "a  \n");
  expect(run(["fmt"], { env: { HALT: "1" } })).toMatchObject({ status: null, log: ["git", "node"] });
  const [, , left = ""] = kept();
  expect(left).toMatch(/^fmt-listing\.\d+$/);
  writeFileSync(at("b.txt"), "b  \n");
  // Nobody else takes it, whatever it is told.
  expect(run(["fmt"], { env: { FLOE_LISTING: left } }).stdout).toBe("✓ a.txt\n✓ b.txt\n\n2 files formatted\n");
  expect(kept()).toContain(left);
  const minute = Date.now() / 1000 - 61;
  utimesSync(at(`.floe/cache/${left}`), minute, minute);
  writeFileSync(at("b.txt"), "b  \n");
  expect(run().stdout).toBe("✓ b.txt\n\n1 file formatted\n");
  expect(kept()).toHaveLength(2);
});

test("many at once agree, and leave nothing", async () => {
  await settled();
  const all = async (): Promise<(number | null)[]> =>
    Promise.all(
      Array.from({ length: 6 }, () => {
        const child = spawn(front, ["fmt"], { cwd: project.root, env: environment(), stdio: "ignore" });
        return new Promise<number | null>((resolve) => child.once("close", resolve));
      }),
    );
  expect(await all()).toEqual([0, 0, 0, 0, 0, 0]);
  for (const name of ["x", "y"]) {
    writeFileSync(at(`${name}.txt`), `${name}  \n`);
    expect(await all()).toEqual([0, 0, 0, 0, 0, 0]);
    expect(read(`${name}.txt`)).toBe(`${name}\n`);
  }
  expect((await settled()).log).toEqual(["git"]);
  expect(kept()).toHaveLength(2);
});

test("a cache that cannot be written costs time, and no more", async () => {
  await settled();
  rmSync(at(".floe/cache"), { recursive: true });
  writeFileSync(at(".floe/cache"), "");
  writeFileSync(at("a.txt"), "a  \n");
  expect(run()).toMatchObject({ status: 0, stdout: "✓ a.txt\n\n1 file formatted\n" });
  expect(run()).toMatchObject({ status: 0, stdout: "3 files, all formatted already\n" });
});

test.skipIf(process.getuid?.() !== 0)("in a folder that may only be read, Node answers", async () => {
  await settled();
  const nobody = 65_534;
  execFileSync("chown", ["-R", `${nobody}:${nobody}`, project.root, tools.root]);
  chmodSync(at(".floe/cache"), 0o555);
  const asNobody = (): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(front, ["fmt", "--check"], {
      ...{ cwd: project.root, env: environment({ HOME: tools.root }), encoding: "utf8", uid: nobody, gid: nobody },
    });
  expect(asNobody()).toMatchObject({ status: 0, stdout: "3 files, all well\n", stderr: "" });
  chmodSync(at(".floe/cache"), 0o755);
  rmSync(at(".floe/cache/fmt-clean"));
  chmodSync(at(".floe/cache"), 0o555);
  expect(asNobody()).toMatchObject({ status: 0, stdout: "3 files, all well\n", stderr: "" });
});
