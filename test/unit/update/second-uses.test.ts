/** Which parts are built from a second nixpkgs, from derivations on disk. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { usersInClosures } from "../../../src/nix/drv.ts";
import { sourcePath } from "../../../src/nix/source-path.ts";
import { readFlakeLock } from "../../../src/update/flake-lock.ts";
import type { PartBoth } from "../../../src/update/parts.ts";
import { secondNixpkgs } from "../../../src/update/second-nixpkgs.ts";
import { findUses } from "../../../src/update/second-uses.ts";

let folder: string;
const drv = (name: string): string => path.join(folder, `${name}.drv`);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "floe-drv-"));
  const needs: Readonly<Record<string, readonly string[]>> = {
    "own-stdenv": [],
    "tool-stdenv": [],
    shared: ["own-stdenv"],
    tool: ["tool-stdenv"],
    crown: ["shared", "tool"],
    nas: ["shared"],
    dev: ["tool"],
    lost: ["shared", "collected"],
  };
  for (const [name, inputs] of Object.entries(needs)) {
    const list = inputs.map((input) => `("${drv(input)}",["out"])`).join(",");
    writeFileSync(drv(name), `Derive([("out","/nix/store/x-${name}","","")],[${list}],["/nix/store/s"],"x","y",[],[])`);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const part = (kind: PartBoth["kind"], name: string): PartBoth => {
  const one = { drvPath: drv(name), outPath: `/nix/store/x-${name}` };
  return { kind, name, before: undefined, after: { ok: true, value: { all: [one], main: one } } };
};
const broken: PartBoth = {
  kind: "host",
  name: "old",
  before: undefined,
  after: { ok: false, error: { message: "no", log: "" } },
};

/** Folders, which are always at hand; `remote` is what deep brings. */
const lock = (remote: object = { type: "path", path: "/deep/nixpkgs" }) => {
  const at = (where: object) => ({ locked: { narHash: JSON.stringify(where), ...where }, original: where });
  const holder = (name: string) => ({
    ...at({ type: "path", path: `/${name}` }),
    inputs: { nixpkgs: `${name}-nixpkgs` },
  });
  const read = readFlakeLock(
    JSON.stringify({
      version: 7,
      root: "root",
      nodes: {
        root: { inputs: { nixpkgs: "nixpkgs", tool: "tool", deep: "deep" } },
        nixpkgs: at({ type: "path", path: "/nixpkgs" }),
        tool: holder("tool"),
        "tool-nixpkgs": at({ type: "path", path: "/tool/nixpkgs" }),
        deep: holder("deep"),
        "deep-nixpkgs": at(remote),
      },
    }),
  );
  if (read === undefined) throw new Error("no lock");
  return read;
};

async function uses(
  parts: readonly PartBoth[],
  stdenvs: Readonly<Record<string, readonly string[]>>,
  locked = lock(),
): Promise<{ readonly asked: readonly string[]; readonly found: Readonly<Record<string, unknown>> }> {
  let asked: readonly string[] = [];
  const found = await findUses(secondNixpkgs(locked, "nix"), {
    lock: locked,
    parts,
    stdenvs: async (paths) => {
      asked = paths;
      return new Map(Object.entries(stdenvs).map(([name, drvs]) => [name, drvs.map(drv)]));
    },
  });
  return { asked, found: Object.fromEntries(found.map((one) => [one.path, one.orOf ?? one.inClosureOf])) };
}

const known = { nixpkgs: ["own-stdenv"], "tool/nixpkgs": ["tool-stdenv"] };
const parts = () => [part("host", "crown"), part("host", "nas"), part("shell", "dev")];

test("each part that needs its stdenv, and whether it needs one of the project's own as well", async () => {
  const { asked, found } = await uses(parts(), { ...known, "deep/nixpkgs": ["deep-stdenv"] });
  expect(asked).toEqual(["nixpkgs", "tool/nixpkgs", "deep/nixpkgs"]);
  expect(found).toEqual({
    "deep/nixpkgs": [],
    "tool/nixpkgs": [
      { kind: "host", name: "crown", isAlone: false },
      { kind: "shell", name: "dev", isAlone: true },
    ],
  });
});

test("two that build with the same tools are told as one or the other", async () => {
  const { found } = await uses(parts(), { ...known, "deep/nixpkgs": ["tool-stdenv"] });
  expect(found).toEqual({ "deep/nixpkgs": ["tool/nixpkgs"], "tool/nixpkgs": ["deep/nixpkgs"] });
});

test.each([
  ["its stdenv is that of the project's own", { ...known, "deep/nixpkgs": ["own-stdenv"] }, () => []],
  ["it has something of the project's own", { ...known, "deep/nixpkgs": ["deep-stdenv", "own-stdenv"] }, () => []],
  ["it does not evaluate", known, () => []],
  ["the project's own does not evaluate", { "deep/nixpkgs": ["deep-stdenv"] }, () => []],
  ["a part does not evaluate", { ...known, "deep/nixpkgs": ["deep-stdenv"] }, () => [broken]],
  ["a derivation was collected", { ...known, "deep/nixpkgs": ["deep-stdenv"] }, () => [part("host", "lost")]],
])("nothing is said of closures where %s", async (_, stdenvs, more) => {
  const { found } = await uses([...parts(), ...more()], stdenvs);
  expect(found["deep/nixpkgs"]).toBeUndefined();
});

test("what was never fetched is not fetched for that", async () => {
  const remote = { type: "github", owner: "NixOS", repo: "nixpkgs", rev: "a".repeat(40) };
  const narHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  const { asked } = await uses(parts(), known, lock({ ...remote, narHash }));
  expect(asked).toEqual(["nixpkgs", "tool/nixpkgs"]);
});

test("what several need is read once, and who needs it is told for all", () => {
  const { users, isWhole } = usersInClosures([drv("crown"), drv("nas")], new Set([drv("own-stdenv"), drv("none")]));
  expect([...(users.get(drv("own-stdenv")) ?? [])].map((one) => path.basename(one, ".drv")).sort()).toEqual([
    "crown",
    "nas",
    "own-stdenv",
    "shared",
  ]);
  expect(users.has(drv("none"))).toBe(false);
  expect(isWhole).toBe(true);
});

test("a source is in the store where nix has it", () => {
  expect(sourcePath("sha256-kstv2RR85APhfo/HEQWqdV/3I51L3dtgMGlUdo6sEhM=")).toBe(
    "/nix/store/kixl5ylanl998rqb1l7hxdaxb500yw7j-source",
  );
  expect(sourcePath("sha512-AAAA")).toBeUndefined();
});
