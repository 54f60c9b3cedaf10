/**
 * Machines as people have them, in TypeScript and in hand-written Nix: equal derivations on a real NixOS. The corpus is written for
 * release 20.09, which `FLOE_NIXPKGS` names as a flake (`git+file:///src/nixpkgs`); `FLOE_HOME_MANAGER` is the folder of a home-manager of
 * October 2020. Nothing is built.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Corpus, type DrvPaths, drvPaths, openCorpus, pairs } from "../support/corpus.ts";
import { nixpkgsUrl } from "../support/nixpkgs.ts";

const nixpkgs = nixpkgsUrl();
const homeManager = process.env["FLOE_HOME_MANAGER"];

const lacking = {
  nixpkgs: nixpkgs === undefined ? "FLOE_NIXPKGS names no nixpkgs 20.09" : undefined,
  "home-manager":
    nixpkgs === undefined || homeManager === undefined
      ? "FLOE_NIXPKGS and FLOE_HOME_MANAGER do not name a nixpkgs 20.09 and a home-manager of its time"
      : undefined,
};

describe.each([
  { project: "nixpkgs", machines: [...pairs("nixpkgs", "hosts"), ...pairs("nixpkgs", "containers")] },
  { project: "home-manager", machines: pairs("home-manager", "hosts") },
] as const)("$project", ({ project, machines }) => {
  const lack = lacking[project];
  if (lack !== undefined) console.warn(`!! The corpus "${project}" is SKIPPED: ${lack}`);
  let corpus: Corpus;
  let found: { readonly typescript: DrvPaths; readonly nix: DrvPaths };

  beforeAll(async () => {
    if (lack !== undefined) return;
    const texts = { "@NIXPKGS@": nixpkgs ?? "", "@HOME_MANAGER@": `path:${homeManager}` };
    corpus = await openCorpus(project, async () => {}, texts);
    found = await drvPaths(
      corpus,
      "flake: builtins.mapAttrs (_: host: host.config.system.build.toplevel) flake.nixosConfigurations",
    );
  }, 900_000);
  afterAll(() => corpus?.remove());

  test.skipIf(lack !== undefined).each(machines)("equal derivations of %s", (name) => {
    expect(found.nix[name]).toMatch(/^\/nix\/store\/.+\.drv$/);
    expect(found.typescript[name]).toBe(found.nix[name]);
  });

  test.skipIf(lack !== undefined)("nothing but these pairs", () => {
    expect(Object.keys(found.typescript)).toEqual([...machines].sort());
    expect(new Set(Object.values(found.nix)).size).toBe(machines.length);
  });
});
