import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { bin, buildFloe, type Ended, floe } from "./support/floe.ts";

const programs = mkdtempSync(path.join(tmpdir(), "floe-test-bin-"));
let project: TempProject;
const env = { PATH: `${programs}:${process.env.PATH}` };
const at = (file: string): string => path.join(project.root, file);
const inProject = (...args: string[]): Promise<Ended> => floe(args, { cwd: project.root, env });
const commit = (message: string) =>
  spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", message], {
    cwd: project.root,
    encoding: "utf8",
    env: { ...process.env, ...env, NO_COLOR: "1" },
  });

beforeAll(() => {
  buildFloe();
  writeFileSync(path.join(programs, "floe"), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`);
  chmodSync(path.join(programs, "floe"), 0o755);
});
afterAll(() => rmSync(programs, { recursive: true }));
beforeEach(async () => {
  project = await tempProject({
    "base/flake.nix": "{ outputs = _: { }; }\n",
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({
  name: "hooks-test",
  inputs: { nixpkgs: dir("./base") },
  format: { "*.txt": { command: ["sed", "-i", "s/ *$//"] } },
  lint: { "*.txt": { command: ["grep", "-q", "-v", "bad"] } },
});
`,
    ".gitignore": ".floe\nnode_modules\n",
    "a.txt": "good\n",
  });
  execFileSync("git", ["init", "-q"], { cwd: project.root });
  execFileSync("git", ["add", "-A"], { cwd: project.root });
});
afterEach(() => project.remove());

test("a commit of what is not formatted or has a mistake is refused by real git, any other goes through", async () => {
  expect(await inProject("hooks", "install")).toMatchObject({
    exitCode: 0,
    stdout: "Written: .git/hooks/pre-commit\n",
  });
  expect(await inProject("hooks", "install")).toMatchObject({ stdout: ".git/hooks/pre-commit is current\n" });
  expect(commit("fine").status).toBe(0);
  writeFileSync(at("a.txt"), "good  \n");
  execFileSync("git", ["add", "a.txt"], { cwd: project.root });
  const refused = commit("spaces");
  expect(refused.status).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain("a.txt  sed is not formatted");
  await inProject("fmt", "--staged");
  writeFileSync(at("a.txt"), "bad\n");
  execFileSync("git", ["add", "a.txt"], { cwd: project.root });
  expect(commit("a mistake").status).not.toBe(0);
  writeFileSync(at("a.txt"), "good again\n");
  execFileSync("git", ["add", "a.txt"], { cwd: project.root });
  expect(commit("fine again").status).toBe(0);
  expect(await inProject("hooks", "remove")).toMatchObject({ stdout: "Removed: .git/hooks/pre-commit\n" });
  expect(existsSync(at(".git/hooks/pre-commit"))).toBe(false);
});

test("a hook of somebody else's is left, and so is one that was changed", async () => {
  mkdirSync(at(".git/hooks"), { recursive: true });
  writeFileSync(at(".git/hooks/pre-commit"), "#!/bin/sh\necho mine\n");
  const refused = await inProject("hooks", "install");
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("is there already, and not floe's");
  expect(readFileSync(at(".git/hooks/pre-commit"), "utf8")).toBe("#!/bin/sh\necho mine\n");
  expect((await inProject("hooks", "remove")).stdout).toBe("There is none of floe's\n");
  rmSync(at(".git/hooks/pre-commit"));
  await inProject("hooks", "install");
  writeFileSync(at(".git/hooks/pre-commit"), `${readFileSync(at(".git/hooks/pre-commit"), "utf8")}echo mine\n`);
  expect((await inProject("hooks", "install")).stderr).toContain("was changed since floe wrote it");
  expect((await inProject("hooks", "remove")).exitCode).toBe(1);
});

test("pre-commit runs what --pre-commit writes", async ({ skip }) => {
  expect((await inProject("hooks", "install", "--pre-commit")).stdout).toContain("Written: .pre-commit-config.yaml");
  if (spawnSync("pre-commit", ["--version"]).error !== undefined) {
    console.warn("Skipped: no pre-commit here");
    return skip();
  }
  execFileSync("git", ["add", "-A"], { cwd: project.root });
  const options = { cwd: project.root, encoding: "utf8" as const, env: { ...process.env, ...env, NO_COLOR: "1" } };
  const good = spawnSync("pre-commit", ["run", "--all-files"], options);
  expect(good.stdout).toMatch(/floe fmt\.+Passed\nfloe lint\.+Passed/);
  writeFileSync(at("a.txt"), "good  \n");
  execFileSync("git", ["add", "-A"], { cwd: project.root });
  const bad = spawnSync("pre-commit", ["run"], options);
  expect(bad.status).toBe(1);
  expect(bad.stdout).toContain("a.txt  sed is not formatted");
});

test("the configuration of pre-commit is written again by synth when the fleet has other tools, and never over a person's", async () => {
  await inProject("synth");
  await inProject("hooks", "install", "--pre-commit");
  expect(await inProject("synth", "--check")).toMatchObject({ exitCode: 0 });
  const config = readFileSync(at("floe.config.ts"), "utf8");
  writeFileSync(at("floe.config.ts"), config.replace(/^ {2}lint: .*\n/m, ""));
  const stale = await inProject("synth", "--check");
  expect(stale.exitCode).toBe(1);
  expect(stale.stdout).toContain("~ .pre-commit-config.yaml, which floe synth writes again");
  expect((await inProject("synth")).stdout).toContain("Wrote .pre-commit-config.yaml");
  expect(readFileSync(at(".pre-commit-config.yaml"), "utf8")).not.toContain("floe lint");
  expect((await inProject("synth", "--check")).exitCode).toBe(0);
  writeFileSync(at(".pre-commit-config.yaml"), `${readFileSync(at(".pre-commit-config.yaml"), "utf8")}# mine\n`);
  writeFileSync(at("floe.config.ts"), config);
  expect((await inProject("synth", "--check")).exitCode).toBe(0);
  await inProject("synth");
  expect(readFileSync(at(".pre-commit-config.yaml"), "utf8")).toContain("# mine");
});

test("without a repository, or with nothing to check, it says so", async () => {
  rmSync(at(".git"), { recursive: true });
  expect((await inProject("hooks", "install")).stderr).toContain("is in no git repository");
});
