/** firn's packages, builders and dev shells, built in the sandbox. */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { run } from "../support/run.ts";
import { addBase, build, evaluate, failure, firnDir, fixtures, nix, system } from "./fixtures/firn/firn.ts";

const built = [
  "hello",
  "busybox",
  "text",
  "dir",
  "script",
  "joined",
  "farm",
  "command",
  "built",
  "closure",
  "changed",
  "both",
] as const;
let paths: Record<(typeof built)[number], string>;
const read = (file: string) => readFileSync(file, "utf8");

beforeAll(async () => {
  await addBase();
  paths = (await build("packages.nix", built)) as typeof paths;
});

test("texts are kept to the letter", () => {
  expect(read(paths.text)).toBe(["a $b $", "{c} 'd'\n"].join(""));
  expect(read(`${paths.dir}/share/a/b.txt`)).toBe("in a directory");
});

test("scripts run without a shell of the machine", async () => {
  expect(await run(`${paths.script}/bin/greet`, ["you"], { env: {} })).toBe(`hello you from ${paths.hello}\n`);
  expect(await run(`${paths.hello}/bin/hello`, [])).toBe("Hello, world!\n");
});

test("a script that does not parse does not build", async () => {
  expect(await failure(build("packages.nix", ["broken"]))).toMatch(/syntax error/);
});

test("trees of links hold what their parts hold", () => {
  expect(read(`${paths.joined}/bin/hello`)).toBe(read(`${paths.hello}/bin/hello`));
  expect(read(`${paths.joined}/bin/greet`)).toBe(read(`${paths.script}/bin/greet`));
  expect(read(`${paths.joined}/share/a/b.txt`)).toBe("in a directory");
  expect(read(`${paths.farm}/x/y`)).toBe(read(paths.text));
});

test("runCommand finds its packages and variables", () => {
  expect(read(`${paths.command}/hello`)).toBe("Moin\n");
  expect(read(`${paths.command}/greet`)).toBe(`hello you from ${paths.hello}\n`);
});

test("mkDerivation runs its phases on the source", () => {
  expect(read(`${paths.built}/page.txt`)).toBe("name: a/b & \\c\n");
  expect(read(`${paths.built}/page.out`)).toBe("NAME: A/B & \\C\n");
});

test("closureInfo lists what nix itself counts as the closure", async () => {
  const closure = (await nix("path-info", "--recursive", paths.script)).trim().split("\n").sort();
  expect(read(`${paths.closure}/store-paths`).trim().split("\n")).toEqual(closure);
  expect(closure).toEqual([paths.busybox, paths.hello, paths.script].sort());
});

test("overlays reach what depends on the changed package", () => {
  expect(paths.changed).toMatch(/-hello-2\.0$/);
  expect(read(`${paths.both}/bin/hello`)).toBe(read(`${paths.changed}/bin/hello`));
});

test("packages have names, versions and programs", async () => {
  expect(await evaluate("packages.nix", "about")).toEqual({
    names: ["hello-1.0", "built-1.2", "hello-2.0"],
    exe: true,
    called: { name: "hello", extra: 2 },
    elsewhere: true,
  });
});

test("a dev shell has its packages, variables and hooks", async () => {
  const script = await nix(
    "print-dev-env",
    "--impure",
    "--expr",
    `(import ${fixtures}/packages.nix { firn = (import ${firnDir}/flake.nix).outputs { self = { }; } // { self = ${firnDir}; }; system = "${system}"; }).shell`,
  );
  const said = await run("bash", ["-c", `${script}\nhello; greet me; type -p hello; type -p sh`], {
    env: { PATH: "/usr/bin:/bin", HOME: "/" },
  });
  // The machine's own programs are not hidden by busybox.
  expect(said.split("\n")).toEqual([
    "entered 1",
    "Guten Tag",
    `hello me from ${paths.hello}`,
    `${paths.hello}/bin/hello`,
    "/usr/bin/sh",
    "",
  ]);
});

test("a base that is not in the store is answered by what to run", async () => {
  const other = `(import ${firnDir}/pkgs/base.nix { lib = (import ${firnDir}/lib); system = "${system}"; }).busybox`;
  const expr = `derivation ((${other}).drvAttrs // { outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; })`;
  expect(await failure(nix("build", "--no-link", "--impure", "--expr", expr))).toMatch(
    /firn-base-is-not-in-the-nix-store\/run:_sh_firn\/add-base\.sh/,
  );
});

test("adding the base again changes nothing", async () => {
  const before = read(`${firnDir}/base.json`);
  await addBase();
  expect(read(`${firnDir}/base.json`)).toBe(before);
});
