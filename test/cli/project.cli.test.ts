import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withFileLock } from "../../src/util/file-lock.ts";
import type { TempProject } from "../support/temp-project.ts";
import { buildFloe, fleetProject, floe, lastDocument, skipNix } from "./support/floe.ts";

let project: TempProject;

beforeAll(async () => {
  buildFloe();
  project = await fleetProject();
});
afterAll(() => project.remove());

const inProject = (...args: string[]) => floe(args, { cwd: project.root });
const read = (file: string): string => readFileSync(path.join(project.root, file), "utf8");

test("synth --check fails while there are no files, and writes none", async () => {
  const { exitCode, stdout } = await inProject("synth", "--check");
  expect({ exitCode, stdout }).toMatchInlineSnapshot(`
    {
      "exitCode": 1,
      "stdout": "+ flake.nix
    + nix/containers/web.nix
    + nix/hosts/crown.nix
    + nix/image-metadata.nix
    + nix/sharing.nix
    5 files not up to date; floe synth writes them
    ",
    }
  `);
  expect(existsSync(path.join(project.root, "flake.nix"))).toBe(false);
});

test("synth writes the files once", async () => {
  expect(await inProject("synth")).toEqual({
    exitCode: 0,
    stdout: "Wrote 5 flake files\n",
    stderr: "",
  });
  expect(await inProject("synth")).toEqual({ exitCode: 0, stdout: "5 flake files up to date\n", stderr: "" });
  expect((await inProject("synth", "--check")).exitCode).toBe(0);
});

test("synth --diff shows what would change and writes nothing", async () => {
  const before = read("hosts/crown.ts");
  await project.write("hosts/crown.ts", before.replace('hostName: "crown"', 'hostName: "king"'));
  const { exitCode, stdout } = await inProject("synth", "--diff");
  await project.write("hosts/crown.ts", before);
  expect({ exitCode, stdout }).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stdout": "--- a/nix/hosts/crown.nix
    +++ b/nix/hosts/crown.nix
    @@ -2,5 +2,5 @@
     {
       _file = "hosts/crown.ts";
     
    -  networking.hostName = "crown";
    +  networking.hostName = "king";
     }
    ",
    }
  `);
  expect(read("nix/hosts/crown.nix")).toContain("crown");
});

test("the project is found from a folder below, and with -C from anywhere", async () => {
  expect((await floe(["synth", "--check"], { cwd: path.join(project.root, "hosts") })).exitCode).toBe(0);
  expect((await floe(["-C", project.root, "synth", "--check"], { cwd: "/" })).exitCode).toBe(0);
});

test("a mistake in the TypeScript ends with 2 and shows the place", async () => {
  const before = read("containers/web.ts");
  await project.write("containers/web.ts", before.replace('"web-2": instance', '"web-2": { prots: { 80: 80 } }'));
  const { exitCode, stdout, stderr } = await inProject("plan");
  await project.write("containers/web.ts", before);
  expect({ exitCode, stdout, stderr }).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: Unknown key "prots" of instance "web-2"; did you mean "ports"?
      at containers/web.ts:3:95

        1 | import { container } from "floe";
        2 | const instance = { project: "default" };
      > 3 | export default container({ system: "x86_64-linux", instances: { "web-1": instance, "web-2": { prots: { 80: 80 } } } }, { services: {} });
          |                                                                                               ^
    ",
      "stdout": "",
    }
  `);
});

test("list works when the server does not, and says so", async () => {
  const { exitCode, stdout, stderr } = await inProject("list");
  expect({ exitCode, stdout, stderr }).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "",
      "stdout": "Hosts
      name   system        target             tags
      crown  x86_64-linux  this machine only  @server

    Containers
      name  system        instances
      web   x86_64-linux  2 instances

    Instances
      name   state    container
      web-1  unknown  web
      web-2  unknown  web

      ✗ server local: No Incus socket found: looked for "/nonexistent/unix.socket"
        hint: Install and start Incus, or set INCUS_DIR to the folder of one that runs. "floe doctor" checks this machine
    ",
    }
  `);
});

test("list --json is one document", async () => {
  const { stdout } = await inProject("list", "--json", "web-1");
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    kind: "list",
    fleet: "cli-test",
    hosts: [],
    containers: [{ name: "web" }],
    instances: [{ name: "web-1", state: "unknown" }],
  });
});

test("a name that does not exist ends with 2 and the nearest one", async () => {
  const { exitCode, stderr } = await inProject("list", "wbe-1");
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: 'error: There is no host, container or instance named "wbe-1"\n\n  hint: Did you mean web-1?\n',
  });
});

test("logs, exec and rollback of an unknown instance end with 2", async () => {
  for (const [what, ...args] of [
    ["instance", "logs", "wbe-1"],
    ["instance", "exec", "wbe-1", "--", "true"],
    ["host, instance or home", "rollback", "wbe-1"],
  ]) {
    const { exitCode, stderr } = await inProject(...args);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `error: There is no ${what} named "wbe-1"\n\n  hint: Did you mean web-1?\n`,
    });
  }
});

test("exec on a server that is not there ends with 1 and names the socket", async () => {
  const { exitCode, stderr } = await inProject("exec", "web-1", "--", "true");
  expect(exitCode).toBe(1);
  expect(stderr).toContain('"/nonexistent/unix.socket"');
});

test("history of a project where nothing was applied", async () => {
  expect(await inProject("history")).toEqual({ exitCode: 0, stdout: "Nothing was applied yet\n", stderr: "" });
  const misspelt = await inProject("history", "wbe-1");
  expect(misspelt).toMatchObject({ exitCode: 2, stdout: "" });
  expect(misspelt.stderr).toContain('There is no host, instance or home named "wbe-1"');
});

test("a plan file that is none ends with 2", async () => {
  await project.write("other.json", "{}");
  const { exitCode, stderr } = await inProject("apply", "other.json", "--yes");
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: `error: "${project.root}/other.json" holds no plan\n\n  hint: Make one with: floe plan -o FILE\n`,
  });
});

describe.skipIf(skipNix())("with nix", () => {
  test("plan with the server down ends with 1, and --json has the problem", async () => {
    const { exitCode, stdout } = await inProject("plan", "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      kind: "plan",
      plan: { version: 1, fleet: "cli-test", changes: [], problems: [{ subject: "server local" }] },
    });
  });

  test("apply with the server down changes nothing and ends with 1", async () => {
    const { exitCode, stdout, stderr } = await inProject("apply", "--yes");
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "Evaluating (1)\n" });
    expect(stdout).toContain("Cannot be planned");
    expect(existsSync(path.join(project.root, ".floe", "lock"))).toBe(false);
  });

  test("check gathers types, files and evaluation", async () => {
    const { exitCode, stdout } = await inProject("check", "--json");
    const report = lastDocument(stdout);
    expect(report).toMatchObject({
      version: 1,
      kind: "check",
      files: { missing: [], changed: [] },
      evaluated: { good: 2, bad: 0 },
    });
    expect(exitCode).toBe(report["ok"] === true ? 0 : 1);
  });

  test("check evaluates what the TypeScript says though the files are old, and writes nothing", async () => {
    const before = read("hosts/crown.ts");
    await project.write("hosts/crown.ts", before.replace('hostName: "crown"', 'hostName: "king"'));
    const { exitCode, stdout } = await inProject("check", "--json");
    await project.write("hosts/crown.ts", before);
    expect(exitCode).toBe(1);
    expect(lastDocument(stdout)).toMatchObject({
      ok: false,
      files: { changed: ["nix/hosts/crown.nix"] },
      evaluated: { good: 2, bad: 0 },
    });
    expect(read("nix/hosts/crown.nix")).toContain("crown");
  });

  test("doctor finds nix, and a server that is not there is a failure with exit code 1", async () => {
    const { exitCode, stdout } = await inProject("doctor", "--json");
    expect(exitCode).toBe(1);
    const { findings } = lastDocument(stdout) as {
      findings: { area: string; name: string; status: string; message: string }[];
    };
    expect(findings.find(({ area, name }) => area === "nix" && name === "evaluation")).toMatchObject({ status: "ok" });
    expect(findings.find(({ area }) => area === "incus")).toMatchObject({ status: "fail", name: "local" });
    expect(findings.find(({ area, name }) => area === "project" && name === "config")).toMatchObject({ status: "ok" });
  });

  test("without a terminal a line says what still runs after a silence", async () => {
    await project.write("modules/fresh.nix", "{ }\n");
    const { stderr } = await floe(["plan"], { cwd: project.root, env: { FLOE_HEARTBEAT: "0.02" } });
    expect(stderr).toMatch(/^Still evaluating \(\d+ ms\)$/m);
    expect((await floe(["plan"], { cwd: project.root })).stderr).not.toContain("Still");
  });

  test("Ctrl-C ends with 130", async () => {
    const lock = path.join(project.root, ".floe", "cache", "evaluate.lock");
    const { exitCode, stdout, stderr } = await withFileLock(lock, {}, () =>
      floe(["plan"], {
        cwd: project.root,
        onStart: (child) => {
          child.stderr?.on("data", (chunk: Buffer) => {
            if (chunk.toString().includes("Waiting for another floe")) child.kill("SIGINT");
          });
        },
      }),
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: "" });
    expect(stderr).toContain("Stopping… (again within 3 s to end at once)\n");
    expect(stderr).toContain("error: Cancelled while waiting for another floe\n");
  });
});

describe("the project's own code in floe's process", () => {
  const withConfig = async (end: string, ...args: string[]) => {
    const before = read("floe.config.ts");
    await project.write("floe.config.ts", `${before}${end}\n`);
    const ended = await inProject(...args);
    await project.write("floe.config.ts", before);
    return ended;
  };

  test("a call of process.exit does not end an apply as if it were done", async () => {
    expect(await withConfig("process.exit(0);", "apply", "--yes")).toMatchInlineSnapshot(`
      {
        "exitCode": 2,
        "stderr": "error: process.exit(0) would end floe in the middle of its work
        at floe.config.ts:9:1

          7 |   containers: dir("./containers"),
          8 | });
        > 9 | process.exit(0);
            | ^

        hint: Leave it out, or throw an Error that says what is wrong
      ",
        "stdout": "",
      }
    `);
  });

  test("a promise that is never settled ends with 2 and says in which file", async () => {
    expect(await withConfig("await new Promise(() => {});", "apply", "--yes")).toMatchInlineSnapshot(`
      {
        "exitCode": 2,
        "stderr": "error: Loading "floe.config.ts" never ends: it waits for a promise that nothing settles
        at floe.config.ts:1:1

        hint: Look at what it awaits outside of functions; a new Promise must call resolve or reject
      ",
        "stdout": "",
      }
    `);
  });

  test("a promise that fails with nobody waiting is told with its line", async () => {
    expect(await withConfig('Promise.reject(new Error("no answer"));', "list")).toMatchInlineSnapshot(`
      {
        "exitCode": 2,
        "stderr": "error: Cannot load "floe.config.ts": no answer
        at floe.config.ts:9:1

          7 |   containers: dir("./containers"),
          8 | });
        > 9 | Promise.reject(new Error("no answer"));
            | ^
      ",
        "stdout": "",
      }
    `);
  });

  test("what it prints is not among the results", async () => {
    const { exitCode, stdout, stderr } = await withConfig('console.log("loading");', "list", "--json");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "loading\n" });
    expect(JSON.parse(stdout)).toMatchObject({ kind: "list" });
  });

  test("Ctrl-C stops a file that takes its time", async () => {
    const stop = (child: ChildProcess) =>
      child.stderr?.once("data", () => {
        child.kill("SIGINT");
      });
    const before = read("floe.config.ts");
    await project.write(
      "floe.config.ts",
      `${before}console.log("begun");\nawait new Promise((done) => setTimeout(done, 60_000));\n`,
    );
    const ended = await floe(["list"], { cwd: project.root, onStart: stop });
    await project.write("floe.config.ts", before);
    expect(ended).toMatchObject({ exitCode: 130, stdout: "" });
  });
});

test("a missing folder of an input is told at its key, not in a comment above it", async () => {
  const before = read("floe.config.ts");
  const commented = before.replace(
    "inputs:",
    '// or: inputs: { nixpkgs: "github:nixos/nixpkgs" },\n  /* nixpkgs: */\n  inputs:',
  );
  await project.write("floe.config.ts", commented.replace('dir("./base")', 'dir("./bsae")'));
  const { exitCode, stderr } = await inProject("list");
  await project.write("floe.config.ts", before);
  expect({ exitCode, stderr }).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: Cannot find "bsae/flake.nix" of input "nixpkgs"
      at floe.config.ts:6:13

        4 |   // or: inputs: { nixpkgs: "github:nixos/nixpkgs" },
        5 |   /* nixpkgs: */
      > 6 |   inputs: { nixpkgs: dir("./bsae") },
          |             ^
        7 |   incus: { local: { socket: "/nonexistent/unix.socket" } },
        8 |   hosts: dir("./hosts"),
    ",
    }
  `);
});

test("a link to a file that is not there is told as such", async () => {
  const link = path.join(project.root, "containers/gone.ts");
  symlinkSync("../elsewhere/gone.ts", link);
  const { exitCode, stderr } = await inProject("list");
  rmSync(link);
  expect({ exitCode, stderr }).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: Cannot read "containers/gone.ts": it is a link to "../elsewhere/gone.ts", which is not there
      at containers/gone.ts:1:1
    ",
    }
  `);
});
