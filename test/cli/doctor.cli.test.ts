/** `floe doctor` where something is missing, forbidden or broken. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Finding } from "../../src/doctor/finding.ts";
import type { TempProject } from "../support/temp-project.ts";
import { bin, buildFloe, fleetProject, floe, lastDocument, skipNix } from "./support/floe.ts";

const programs = mkdtempSync(path.join(tmpdir(), "floe-doctor-bin-"));
let project: TempProject;
const at = (file: string): string => path.join(project.root, file);
const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: project.root });

async function findings(
  env: Readonly<Record<string, string | undefined>> = {},
  ...words: string[]
): Promise<Finding[]> {
  const { stdout } = await floe(["doctor", "--json", ...words], { cwd: project.root, env });
  return lastDocument(stdout)["findings"] as Finding[];
}

const find = (all: readonly Finding[], area: string, name: string): Finding | undefined =>
  all.find((item) => item.area === area && item.name === name);

/** A PATH without some programs. */
function pathWithout(...names: string[]): string {
  const folder = mkdtempSync(path.join(programs, "path-"));
  for (const from of (process.env["PATH"] ?? "").split(":").filter((each) => each.startsWith("/")))
    for (const name of list(from))
      if (!names.includes(name))
        try {
          symlinkSync(path.join(from, name), path.join(folder, name));
        } catch {
          // An earlier folder has it.
        }
  return folder;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

beforeAll(buildFloe);
afterAll(() => rmSync(programs, { recursive: true }));
beforeEach(async () => {
  project = await fleetProject();
});
afterEach(() => project.remove());

test("one area after the other, with the command that mends; a verb limits it; a wrong verb is refused", async () => {
  const { stdout, exitCode } = await floe(["doctor"], { cwd: project.root });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/✗ No Incus socket found: looked for "\/nonexistent\/unix.socket"\n {6}\S/);
  expect(stdout).not.toContain("floe doctor");
  const fmt = await floe(["doctor", "fmt"], { cwd: project.root });
  expect(fmt.stdout).not.toContain("Incus");
  expect(fmt.exitCode).toBe(0);
  expect(await floe(["doctor", "aply"], { cwd: project.root })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("Did you mean apply?"),
  });
});

test("outside of a project the machine is looked at", async () => {
  const { stdout } = await floe(["doctor", "fmt"], { cwd: programs });
  expect(stdout).toContain("· No project here: only the machine was looked at\n      floe init\n");
});

test("without git, and without nix", async () => {
  const all = await findings({ PATH: pathWithout("git", "nix"), FLOE_NIX: undefined });
  expect(find(all, "programs", "git")).toMatchObject({ status: "warn", mend: "apt-get install git" });
  expect(find(all, "nix", "version")).toMatchObject({
    status: "fail",
    message: expect.stringContaining("Cannot find nix"),
  });
  expect(all.filter(({ area }) => area === "git")).toEqual([]);
});

test.skipIf(skipNix())("nix without flakes is a hint, for floe asks for them itself", async () => {
  const without = await findings({ NIX_CONFIG: "experimental-features =" }, "build");
  expect(find(without, "nix", "features")).toMatchObject({
    status: "info",
    mend: "Add to /etc/nix/nix.conf: experimental-features = nix-command flakes",
  });
  expect(find(without, "nix", "evaluation")?.status).toBe("ok");
  const having = await findings({ NIX_CONFIG: "experimental-features = nix-command flakes" }, "build");
  expect(find(having, "nix", "features")?.status).toBe("ok");
});

describe("the repository", () => {
  beforeEach(() => git("init", "-q"));

  test("that does not ignore .floe, then does", async () => {
    expect(find(await findings({}, "fmt"), "git", "ignored")).toMatchObject({
      status: "warn",
      mend: "echo .floe/ >> .gitignore",
    });
    writeFileSync(at(".gitignore"), ".floe/\n");
    expect(find(await findings({}, "fmt"), "git", "ignored")?.status).toBe("ok");
  });

  test("with hooks that are not there, current, and out of date; tools that are missing", async () => {
    const config = (tools: string): string =>
      `import { dir, fleet } from "floe";\nexport default fleet({ name: "t", inputs: { nixpkgs: dir("./base") }, hosts: dir("./hosts"), ${tools} });\n`;
    writeFileSync(at("floe.config.ts"), config('format: { "*.txt": { command: ["no-such-tool"] } }'));
    const first = await findings({}, "hooks");
    expect(find(first, "git", "hooks")).toMatchObject({ status: "info", mend: "floe hooks install" });
    expect(find(first, "tools", "no-such-tool")).toMatchObject({
      status: "fail",
      mend: 'Put "no-such-tool" on your PATH',
    });
    expect((await floe(["hooks", "install"], { cwd: project.root })).exitCode).toBe(0);
    expect(find(await findings({}, "hooks"), "git", "hooks")?.status).toBe("ok");
    writeFileSync(at("floe.config.ts"), config('lint: { "*.txt": { command: ["grep", "x"] } }'));
    expect(find(await findings({}, "hooks"), "git", "hooks")).toMatchObject({
      status: "warn",
      mend: "floe hooks install",
    });
    expect((await floe(["ci", "github"], { cwd: project.root })).exitCode).toBe(0);
    expect(find(await findings({}, "ci"), "git", "workflow")?.status).toBe("ok");
    writeFileSync(at("floe.config.ts"), config('format: { "*.txt": { command: ["cat"] } }'));
    expect(find(await findings({}, "ci"), "git", "workflow")).toMatchObject({ status: "warn", mend: "floe synth" });
  });
});

test("a lock file with a conflict, and a configuration that does not load", async () => {
  writeFileSync(at("flake.lock"), "{\n<<<<<<< HEAD\n");
  writeFileSync(at("hosts/crown.ts"), "export default 1;\n");
  const all = await findings({}, "synth");
  expect(find(all, "project", "flake-lock")).toMatchObject({
    status: "fail",
    message: "flake.lock holds a merge conflict",
  });
  expect(find(all, "project", "config")).toMatchObject({
    status: "fail",
    message: expect.stringContaining("hosts/crown.ts"),
  });
});

test("hosts are asked with --hosts only", async () => {
  writeFileSync(
    at("hosts/crown.ts"),
    'import { host } from "floe";\nexport default host({ system: "x86_64-linux", target: "root@crown.invalid" }, {});\n',
  );
  expect(find(await findings({}, "switch"), "hosts", "crown")).toBeUndefined();
  expect(find(await findings({ PATH: pathWithout("ssh") }, "switch"), "hosts", "ssh")).toMatchObject({
    status: "fail",
    mend: "apt-get install openssh-client",
  });
  const asked = find(await findings({}, "switch", "--hosts"), "hosts", "crown");
  expect(asked).toMatchObject({ status: "fail", message: expect.stringContaining("crown.invalid") });
});

/** Root may do everything, so it is tried as nobody. */
const canBeNobody = process.getuid?.() === 0 && spawnSync("setpriv", ["--version"]).status === 0;

describe.skipIf(!canBeNobody)("as somebody without rights", () => {
  let server: Server;
  const home = path.join(programs, "home");
  const socket = path.join(programs, "incus", "unix.socket");
  beforeAll(async () => {
    chmodSync(programs, 0o755);
    mkdirSync(path.dirname(socket), { recursive: true });
    mkdirSync(home, { mode: 0o777 });
    chmodSync(home, 0o777);
    server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    chmodSync(socket, 0o600);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test("the socket of Incus, the store and the project's folder may not be used, and each says what to do", async () => {
    await project.remove();
    project = await fleetProject({ socket });
    await floe(["synth"], { cwd: project.root });
    chmodSync(project.root, 0o755);
    mkdirSync(at(".floe"), { recursive: true });
    const argv = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, bin, "doctor", "--json"];
    const env = { ...process.env, HOME: home, XDG_CACHE_HOME: home, FLOE_OFFLINE: "1" };
    const { stdout, status, stderr } = spawnSync("setpriv", argv, { cwd: project.root, env, encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(1);
    const all = lastDocument(stdout)["findings"] as Finding[];
    expect(find(all, "incus", "local")).toMatchObject({
      status: "fail",
      message: `No permission to use the Incus socket "${socket}"`,
      mend: expect.stringContaining("usermod -aG incus-admin"),
    });
    expect(find(all, "project", "folder")).toMatchObject({
      status: "fail",
      message: `"${at(".floe")}" is not writable`,
    });
    if (!skipNix()) expect(find(all, "nix", "store")?.status).toMatch(/^(fail|ok)$/);
  });

  test.skipIf(skipNix())(
    "a project of somebody else is told as such, by doctor and by verbs that write caches",
    async () => {
      await project.remove();
      project = await fleetProject({ socket });
      await floe(["synth"], { cwd: project.root });
      chmodSync(project.root, 0o755);
      mkdirSync(at(".floe"), { recursive: true });
      writeFileSync(at(".floe/lock"), "{}", { mode: 0o600 });
      const env = { ...process.env, NO_COLOR: "1", HOME: home, XDG_CACHE_HOME: home, FLOE_OFFLINE: "1" };
      const asNobody = (...words: string[]) =>
        spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, bin, ...words], {
          cwd: project.root,
          env,
          encoding: "utf8",
        });
      expect(asNobody("doctor").stdout).toContain(`✗ "${at(".floe")}" is not writable\n`);
      const { status, stdout, stderr } = asNobody("plan");
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toBe(
        `error: Cannot open "${at(".floe/lock")}": permission denied\n\n  hint: Look with ls -ld whose it is: a project belongs to the user that runs floe in it\n`,
      );
    },
  );
});

const canMount = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;

test.skipIf(!canMount)("a full disk is told by doctor, beside all else, and by verbs that write", async () => {
  // The disk is there for these commands only.
  const script = `mount -t tmpfs -o size=400k tmpfs "$1" && cp -r "$2/." "$1" && cd "$1" && { head -c 1M /dev/zero >fill || true; } 2>/dev/null
shift 2; exec "$@"`;
  const disk = mkdtempSync(path.join(programs, "disk-"));
  const onFullDisk = (...words: string[]) =>
    spawnSync("unshare", ["--mount", "sh", "-c", script, "sh", disk, project.root, process.execPath, bin, ...words], {
      env: { ...process.env, NO_COLOR: "1", FLOE_OFFLINE: "1" },
      encoding: "utf8",
    });
  const { status, stdout } = onFullDisk("doctor");
  expect({ status, stdout }).toEqual({
    status: 1,
    stdout: expect.stringContaining(`✗ Only 0.0 GB free for the project (${disk})\n`),
  });
  expect(stdout).toContain("\ngit\n");
  expect(onFullDisk("list")).toMatchObject({
    status: 1,
    stdout: "",
    stderr:
      "error: Cannot write a file: no space is left on the disk\n\n  hint: Make room on that disk first; floe doctor says how much is free where\n",
  });
});
