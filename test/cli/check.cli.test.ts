import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { floe, startFloe } from "../support/floe.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

let project: TempProject;
const repository = path.resolve(import.meta.dirname, "../..");

beforeAll(async () => {
  await run(process.execPath, [path.join(repository, "scripts/build.mjs")]);
});

beforeEach(async () => {
  project = await tempProject();
  expect((await floe(project.root, ["init", "--firn"])).exitCode).toBe(0);
});
afterEach(() => project.remove());

async function replaceInHost(from: string, to: string): Promise<void> {
  const file = path.join(project.root, "hosts/server.ts");
  await writeFile(file, (await readFile(file, "utf8")).replace(from, to));
}

test("a project that init wrote checks at once", async () => {
  const { exitCode, stdout } = await floe(project.root, ["check"]);
  expect(stdout.replace(/typescript .*/, "typescript X").replace(/\d+ files/, "N files")).toMatchInlineSnapshot(`
    "✓ types        typescript X
    ✓ flake files  N files up to date
    ✓ evaluation   3 hosts, images and shells

    Everything is well
    "
  `);
  expect(exitCode).toBe(0);
});

test("check names the line of a mistake; --json has no trace, unless it is asked for", async () => {
  await replaceInHost("hostName:", "hostNme:");
  await floe(project.root, ["synth"]);
  const text = await floe(project.root, ["check"]);
  expect(text.stdout).toContain(
    "✗ host server: networking.hostNme: there is no such option\n    at hosts/server.ts:7:17\n",
  );
  expect(text.stdout).toContain("hint: Did you mean networking.hostName?");
  const json = await floe(project.root, ["check", "--json"]);
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    version: 1,
    kind: "check",
    ok: false,
    problems: [{ subject: "host server", file: "hosts/server.ts", line: 7, column: 17 }],
  });
  expect(json.stdout).not.toContain('"trace"');
  expect((await floe(project.root, ["check", "--json", "--show-trace"])).stdout).toContain('"trace"');
});

test("check --watch checks again after a save", async () => {
  const reports: string[] = [];
  const started = startFloe(project.root, ["check", "--watch", "--json"], {}, (line) => reports.push(line));
  await expect.poll(() => reports.length, { timeout: 30_000 }).toBe(1);
  await replaceInHost("hostName:", "hostNme:");
  await expect.poll(() => reports.length, { timeout: 30_000 }).toBe(2);
  started.kill("SIGINT");
  const { stderr, exitCode } = await started.ended;
  expect(reports.map((line) => JSON.parse(line).ok)).toEqual([true, false]);
  expect(stderr).toMatch(/Checked in \d+ ms; waiting for the next change, Ctrl-C ends\n\nhosts\/server\.ts changed\n/);
  expect(exitCode).toBe(1);
});

test("why and options answer for a host", async () => {
  const why = await floe(project.root, ["why", "networking.hostName"]);
  expect(why.stdout).toContain(
    'networking.hostName on server\n  "server"\n\nDefined\n  hosts/server.ts:7:17  "server"\n',
  );
  const json = JSON.parse((await floe(project.root, ["why", "networking.hostName", "server", "--json"])).stdout);
  expect(json).toMatchObject({
    version: 1,
    kind: "why",
    what: "option",
    value: "server",
    definitions: [{ file: "hosts/server.ts", line: 7, column: 17, state: "used" }],
  });
  const options = JSON.parse((await floe(project.root, ["options", "hostname", "--json"])).stdout);
  expect(options).toMatchObject({ version: 1, kind: "options", machine: "server" });
  expect(options.options[0].name).toBe("networking.hostName");
});

test("why names the nearest option and host", async () => {
  const option = await floe(project.root, ["why", "networking.hostNam"]);
  expect(option).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Did you mean networking.hostName?") });
  const host = await floe(project.root, ["why", "networking.hostName", "sever"]);
  expect(host).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("Did you mean server?") });
});
