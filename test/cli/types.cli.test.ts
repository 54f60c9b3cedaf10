import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { floe } from "../support/floe.ts";
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

test("types says what was read, and where it is", async () => {
  const { exitCode, stdout } = await floe(project.root, ["types"]);
  expect(stdout.replace(/\d+\.\d s/g, "N s").replace(/\d+ (options|packages)/g, "N $1")).toMatchInlineSnapshot(`
    "✓ host server    N options  N s
    ✓ container web  N options  N s

    N options and N packages in .floe/types (N s)
    "
  `);
  expect(exitCode).toBe(0);
  expect(await readFile(path.join(project.root, ".floe/types/nixos.d.ts"), "utf8")).toContain("hostName?: V<string>");
  const json = JSON.parse((await floe(project.root, ["types", "server", "--json"])).stdout);
  expect(json).toMatchObject({ version: 1, kind: "types", machines: [{ kind: "host", name: "server", holes: [] }] });
});

test("types of a machine that is not there", async () => {
  const { exitCode, stderr } = await floe(project.root, ["types", "serverr"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('There is no host, container or home "serverr"');
  expect(stderr).toContain("Did you mean server?");
});

test("check has the types of a module as soon as it is imported, and names wrong options, enums and packages", async () => {
  await project.write(
    "modules/own.nix",
    `{ lib, ... }: { options.own.mode = lib.mkOption { type = lib.types.enum [ "on" "off" ]; default = "on"; }; }`,
  );
  await project.write(
    "hosts/other.ts",
    `import { host, nix } from "floe";
export default host({ system: "x86_64-linux" }, ({ pkgs }) => ({
  imports: [nix.path("../modules/own.nix")],
  own: { mode: "onn" },
  networking: { hostNme: "other" },
  environment: { systemPackages: [pkgs.helo] },
}));
`,
  );
  const { problems } = JSON.parse((await floe(project.root, ["check", "--json"])).stdout);
  const ofHost = problems.filter(({ file }: { file?: string }) => file === "hosts/other.ts");
  expect(ofHost).toMatchObject([
    { message: "networking.hostNme: there is no such option", line: 5, column: 17 },
    { message: "pkgs.helo: there is no such package", line: 6, column: 40 },
    { message: 'own.mode: "onn" is not one of "on", "off"', line: 4, column: 10 },
  ]);
});

test("a value out of range is named before nix runs, once types are known", async () => {
  await replaceInHost("allowedTCPPorts: [22]", "allowedTCPPorts: [22, 70000]");
  await rm(path.join(project.root, ".floe/cache/options.json"));
  expect((await floe(project.root, ["synth"])).exitCode).toBe(0);
  await floe(project.root, ["types"]);
  const { exitCode, stderr } = await floe(project.root, ["synth"]);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('Option "networking.firewall.allowedTCPPorts" is 70000, and must be 0 to 65535');
  expect(stderr).toContain("at hosts/server.ts:7:71");
  const { problems } = JSON.parse((await floe(project.root, ["check", "--json"])).stdout);
  expect(problems).toMatchObject([{ subject: "host server", file: "hosts/server.ts", line: 7, column: 71 }]);
});

test("the editor knows the options as soon as init has run", async () => {
  const tsc = path.join(repository, "node_modules/typescript/bin/tsc");
  await replaceInHost("hostName:", "hostNme:");
  const { stdout } = await run(process.execPath, [tsc, "-p", "."], { cwd: project.root }).catch((error) => error);
  expect(stdout).toContain(
    `hosts/server.ts(7,17): error TS2322: Type 'string' is not assignable to type '"There is no option`,
  );
});
