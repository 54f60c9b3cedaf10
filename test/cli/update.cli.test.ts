/** floe update as a person types it: keeping, asking, committing, going back, being stopped. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addFirnBase } from "../support/firn-system.ts";
import { type GitFirn, gitFirn, secondProject, updateProject } from "../support/git-firn.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { inTerminal } from "../support/terminal.ts";
import { bin, buildFloe, type Ended, floe, lastDocument, skipNix } from "./support/floe.ts";

let firn: GitFirn;
let project: TempProject;
const at = (file: string): string => path.join(project.root, file);
const lock = (): string | undefined =>
  existsSync(at("flake.lock")) ? readFileSync(at("flake.lock"), "utf8") : undefined;
const update = (...args: string[]): Promise<Ended> => floe(["update", ...args], { cwd: project.root });
const git = (...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.org", ...args], {
    cwd: project.root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
const newHello = (version: string): Promise<string> =>
  firn.change("pkgs/hello.nix", /version \? "[^"]*"/, `version ? "${version}"`, `hello: ${version}`);

describe.skipIf(skipNix())("with nix", () => {
  beforeAll(async () => {
    buildFloe();
    await addFirnBase();
  });
  beforeEach(async () => {
    firn = await gitFirn();
    project = await tempProject(updateProject(firn.url));
    expect(await update("--yes")).toMatchObject({ exitCode: 0 });
    git("init", "--quiet", "--initial-branch=main");
    git("config", "user.name", "Test");
    git("config", "user.email", "test@example.org");
    git("add", "--all");
    git("commit", "--quiet", "--message=all");
  });
  afterEach(async () => {
    await project.remove();
    await firn.remove();
  });

  test("--dry-run keeps nothing; --yes keeps; --revert goes back; both say what", async () => {
    await newHello("1.1");
    const before = lock();
    const dry = await update("--dry-run");
    expect(dry.exitCode).toBe(0);
    expect(dry.stdout).toMatch(/~ nixpkgs {2}[0-9a-f]{7} → [0-9a-f]{7} .*1 commit\n {6}[0-9a-f]{7} hello: 1\.1\n/);
    expect(dry.stdout).toContain("~ host crown, container web: 1 up");
    expect(dry.stdout).toContain("= not affected: host nas, shell plain");
    expect(dry.stdout).toMatch(/2 do not; nothing was kept, as --dry-run says\n$/);
    expect(dry.stderr).not.toContain("lock file");
    expect(lock()).toBe(before);

    const kept = lastDocument((await update("--yes", "--json")).stdout);
    expect(kept).toMatchObject({ kind: "update", outcome: "kept", asked: ["nixpkgs"], problems: [] });
    expect(kept).not.toHaveProperty("lock");
    expect(lock()).not.toBe(before);
    expect((await update("--yes")).stdout).toBe("nixpkgs: nothing newer; flake.lock stays as it is\n");

    expect(await update("--revert")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(lock()).toBe(before);
    expect(await update("--revert")).toMatchObject({ exitCode: 1 });
  });

  test("a person is asked; no leaves the lock, yes keeps it", async () => {
    await newHello("1.1");
    const before = lock();
    const typed = (type: string) =>
      inTerminal([process.execPath, bin, "update"], {
        cwd: project.root,
        env: { ...process.env, FLOE_OFFLINE: "1" },
        answers: [{ to: "Keep the new flake.lock?", type }],
      });
    const no = await typed("n");
    expect(no.exitCode).toBe(130);
    expect(no.screen).toContain("Nothing was changed");
    expect(lock()).toBe(before);
    const yes = await typed("y");
    expect(yes.exitCode).toBe(0);
    expect(yes.screen).toContain("The new flake.lock is kept; floe update --revert goes back");
    expect(lock()).not.toBe(before);
  });

  test("what no longer evaluates is not kept, but with --keep", async () => {
    await firn.change("pkgs/default.nix", "hello = callPackage", "goodbye = callPackage", "hello: gone");
    const before = lock();
    const refused = await update("--yes");
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain("✗ host crown: ");
    expect(refused.stdout).toMatch(
      /flake\.lock stays as it was: the new one breaks host crown, container web and shell default\. /,
    );
    expect(lock()).toBe(before);
    expect(await update("--yes", "--keep")).toMatchObject({ exitCode: 1 });
    expect(lock()).not.toBe(before);
  });

  test("--commit commits the lock alone, with a message; what else is staged stays so; hooks run", async () => {
    const rev = await newHello("1.1");
    await project.write("notes.txt", "staged\n");
    git("add", "notes.txt");
    await project.write("containers/web.ts", `${readFileSync(at("containers/web.ts"), "utf8")}// edited\n`);
    await project.write("nix/mine.nix", "{ }\n");
    writeFileSync(at(".git/hooks/pre-commit"), "#!/bin/sh\ngit diff --cached --name-only >.git/seen\n");
    chmodSync(at(".git/hooks/pre-commit"), 0o755);
    const { exitCode, stdout } = await update("--yes", "--commit");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/kept and committed as [0-9a-f]{12} \(flake\.lock\); git revert goes back\n$/);
    expect(git("show", "--stat", "--format=%s", "HEAD")).toMatch(/^flake\.lock: update nixpkgs\n\n flake\.lock \|/);
    expect(git("show", "--no-patch", "--format=%b", "HEAD")).toContain(`→ ${rev.slice(0, 7)} (`);
    expect(readFileSync(at(".git/seen"), "utf8")).toBe("flake.lock\n");
    expect(git("status", "--short")).toBe(" M containers/web.ts\nA  notes.txt\n?? nix/mine.nix\n");

    const back = await update("--revert");
    expect(back.exitCode).toBe(1);
    expect(back.stderr).toContain(`git revert ${git("rev-parse", "HEAD").slice(0, 12)}`);
    expect((await update("--revert", "--force")).exitCode).toBe(0);
    expect(git("status", "--short")).toContain(" M flake.lock\n");
  });

  test("a hook that refuses leaves the lock kept and the index as it was", async () => {
    await newHello("1.1");
    git("rm", "--quiet", "--cached", "flake.lock");
    git("commit", "--quiet", "--message=no lock");
    await project.write("notes.txt", "staged\n");
    git("add", "notes.txt");
    writeFileSync(at(".git/hooks/pre-commit"), "#!/bin/sh\necho not today >&2\nexit 1\n");
    chmodSync(at(".git/hooks/pre-commit"), 0o755);
    const { exitCode, stderr, stdout } = await update("--yes", "--commit");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("git refused the commit; the new flake.lock is kept, and not committed");
    expect(stderr).toContain("│ not today");
    expect(stderr).toContain("git commit --only flake.lock");
    expect(stdout).toContain("hello: 1.1");
    expect(git("status", "--short")).toBe("A  notes.txt\n?? flake.lock\n");
  });

  test("a first commit, and one on no branch", async () => {
    await newHello("1.1");
    git("checkout", "--quiet", "--detach");
    expect((await update("--yes", "--commit")).stdout).toContain(", on no branch; git revert goes back");
    await newHello("1.2");
    git("checkout", "--quiet", "--orphan", "new");
    const { exitCode, stdout } = await update("--yes", "--commit");
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    expect(git("rev-list", "--count", "HEAD")).toBe("1\n");
    expect(git("show", "--name-only", "--format=", "HEAD")).toContain("flake.lock\n");
    expect(git("diff", "--cached", "--name-only")).toContain("floe.config.ts\n");
  });

  test("--commit says at once where it cannot", async () => {
    const head = git("rev-parse", "HEAD");
    writeFileSync(at(".git/MERGE_HEAD"), head);
    expect(await update("--yes", "--commit")).toMatchObject({ exitCode: 2, stdout: "" });
    expect((await update("--yes", "--commit")).stderr).toContain("--commit is not for the middle of a merge");
    execFileSync("rm", [at(".git/MERGE_HEAD")]);
    git("rm", "--quiet", "--cached", "flake.lock");
    await project.write(".gitignore", ".floe\nnode_modules\nflake.lock\n");
    expect((await update("--yes", "--commit")).stderr).toContain("git ignores it");
    execFileSync("rm", ["-rf", at(".git")]);
    const none = await update("--yes", "--commit");
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toContain("--commit needs a git repository");
  });

  test("of two nixpkgs in one closure it warns, and of one in the lock alone it only says so", async () => {
    const { files, second } = await secondProject(firn);
    const rev = (await second.change("pkgs/stdenv/setup.sh", /$/, "# Its own.\n", "stdenv: other")).slice(0, 7);
    const other = await tempProject(files);
    const dry = (...flags: string[]) => floe(["update", "--dry-run", ...flags], { cwd: other.root });
    try {
      const mended = `this makes it the same as "nixpkgs":
      tool: { url: ..., follows: { nixpkgs: "nixpkgs" } }
`;
      const { stdout, stderr, exitCode } = await dry();
      expect(exitCode, stderr).toBe(0);
      expect(stdout).toContain(
        `  ! host crown is built from two nixpkgs: tool brings its own (${rev})
  ! shell tool is built from a second nixpkgs: what tool brings (${rev}); ${mended}`,
      );
      expect(lastDocument((await dry("--json")).stdout)).toMatchObject({
        second: [
          {
            path: "tool/nixpkgs",
            inClosureOf: [
              { kind: "host", name: "crown", isAlone: false },
              { kind: "shell", name: "tool", isAlone: true },
            ],
          },
        ],
      });
      await other.write("hosts/crown.ts", (files["hosts/nas.ts"] ?? "").replace('"nas"', '"crown"'));
      await other.write(
        "devshells.ts",
        'import { shells } from "floe";\nexport default shells(() => ({ plain: {} }));\n',
      );
      const calm = (await dry()).stdout;
      expect(calm).toContain(
        "\n    tool/nixpkgs: in flake.lock beside yours; nothing of it is in what is built here\n",
      );
      expect(calm).not.toContain("!");
    } finally {
      await other.remove();
      await second.remove();
    }
  });

  test("what cannot be meant is refused with exit code 2", async () => {
    const refusals: readonly (readonly [readonly string[], string, string])[] = [
      [["--dry-run", "nixpkg"], 'There is no input "nixpkg"', "Did you mean nixpkgs?"],
      [["--revert", "nixpkgs"], "--revert goes back as a whole", ""],
      [["--dry-run", "--commit"], "--dry-run keeps nothing", ""],
      [["--force"], "--force is for --revert only", ""],
      [[], "Cannot ask whether to keep the new lock: this is no terminal", "--dry-run to only look"],
      [["--json"], "Cannot ask whether to keep the new lock", ""],
    ];
    for (const [args, message, hint] of refusals) {
      const { exitCode, stderr } = await update(...args);
      expect({ args, exitCode }).toEqual({ args, exitCode: 2 });
      expect(stderr).toContain(message);
      expect(stderr).toContain(hint);
    }
  });

  test("an input that is a folder of the project has nothing to update", async () => {
    const folders = await tempProject({
      "base/flake.nix": "{ outputs = _: { }; }\n",
      "floe.config.ts":
        'import { dir, fleet } from "floe";\nexport default fleet({ inputs: { nixpkgs: dir("./base") } });\n',
    });
    const named = await floe(["update", "nixpkgs", "--dry-run"], { cwd: folders.root });
    const all = await floe(["update", "--dry-run"], { cwd: folders.root });
    await folders.remove();
    expect(named.exitCode).toBe(2);
    expect(named.stderr).toContain("is a folder of the project");
    expect(all.exitCode).toBe(1);
    expect(all.stderr).toContain("There is no input to update");
  });

  test("stopped at any time, the lock is the old one or the new one, whole", async () => {
    await newHello("1.1");
    const before = lock();
    const after = JSON.stringify((await update("--yes")) && lock());
    await update("--revert");
    for (const delayMs of [50, 150, 300, 450, 600, 750, 900, 1100]) {
      const signal = delayMs % 100 === 0 ? "SIGINT" : "SIGKILL";
      const { exitCode } = await floe(["update", "--yes"], {
        cwd: project.root,
        onStart: (child) => setTimeout(() => child.kill(signal), delayMs),
      });
      const now = lock();
      expect([before, JSON.parse(after)]).toContain(now);
      if (exitCode === 130) expect(now).toBe(before);
      if (now !== before) await update("--revert");
      expect(lock()).toBe(before);
    }
    expect(await update("--yes")).toMatchObject({ exitCode: 0 });
  });
});
