/**
 * One nixpkgs for many machines changes no derivation: on firn, and on the nixpkgs that `FLOE_NIXPKGS` names as a flake
 * reference, such as `git+file:///path/to/nixpkgs`.
 */
import { cpSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadFleet } from "../../src/config/load.ts";
import { synthFlake } from "../../src/synth/synth.ts";
import { writeFiles } from "../../src/synth/write.ts";
import { nix } from "../support/nix.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { firnDir } from "./fixtures/firn/firn.ts";

const nixpkgs = process.env["FLOE_NIXPKGS"];

function host(body: string, spec = "{}"): string {
  return `// @ts-nocheck
import { host } from "floe";
import { marked } from "../overlay.ts";
export default host(${spec.replace("MARKED", "[marked]")}, ({ lib, pkgs }) => ({
  boot: { isContainer: true },
  environment: { systemPackages: [pkgs.hello] },
  ${body.replace("MARKED", "[marked]")}
}));`;
}

const hosts: Readonly<Record<string, string>> = {
  "plain-1": host(""),
  "plain-2": host('networking: { hostName: "other" },'),
  "own-config": host("nixpkgs: { config: { allowUnfree: true } },"),
  "own-overlay": host("nixpkgs: { overlays: MARKED },"),
  "no-overlay": host("nixpkgs: lib.mkIf(false, { overlays: MARKED }),"),
  "same-system": host('nixpkgs: { system: "x86_64-linux" },'),
  "spec-1": host("", "{ nixpkgs: { overlays: MARKED } }"),
  "spec-2": host('networking: { hostName: "other" },', "{ nixpkgs: { overlays: MARKED } }"),
  "spec-3": host("", "{ nixpkgs: { config: { allowUnfree: true }, overlays: MARKED } }"),
};

/** What floe says of a host outside its module, as a module says it. */
const alone = `name:
let
  overlays = [ (final: prev: { hello = prev.hello.overrideAttrs (old: { marked = "yes"; }); }) ];
in
{
  spec-1.nixpkgs = { inherit overlays; };
  spec-2.nixpkgs = { inherit overlays; };
  spec-3.nixpkgs = { inherit overlays; config.allowUnfree = true; };
}.\${name}
`;

async function project(input: string): Promise<TempProject> {
  const made = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "sharing", inputs: { nixpkgs: ${input} }, hosts: dir("./hosts") });`,
    "overlay.ts": `export const marked = (final, prev) => ({ hello: prev.hello.overrideAttrs((old) => ({ marked: "yes" })) });`,
    ...Object.fromEntries(Object.entries(hosts).map(([name, text]) => [`hosts/${name}.ts`, text])),
  });
  if (input.startsWith("dir")) cpSync(firnDir, path.join(made.root, "firn"), { recursive: true });
  return made;
}

async function drvPaths(root: string): Promise<Record<string, string>> {
  const apply = "builtins.mapAttrs (_: host: host.drvPath)";
  const flake = `path:${root}#floe.hosts`;
  return JSON.parse(await nix(["eval", "--json", "--no-write-lock-file", flake, "--apply", apply])) as Record<
    string,
    string
  >;
}

describe.each([
  { base: "firn", input: 'dir("./firn")' },
  ...(nixpkgs === undefined ? [] : [{ base: "nixpkgs", input: JSON.stringify(nixpkgs) }]),
])("one $base for many machines", { timeout: 300_000 }, ({ input }) => {
  let shared: TempProject;
  let flake: string;
  beforeAll(async () => {
    shared = await project(input);
    const files = synthFlake(await loadFleet(shared.root));
    writeFiles(shared.root, files);
    flake = files.get("flake.nix") ?? "";
  });
  afterAll(() => shared.remove());

  test("is written once for those that agree, and once more for each other configuration", () => {
    expect(flake.match(/import inputs\.nixpkgs/g)).toHaveLength(3);
    expect(flake.match(/\(sharing pkgsFor\.x86_64-linux\)/g)).toHaveLength(6);
    expect(flake.match(/\(using pkgsFor\.spec-1\)/g)).toHaveLength(2);
    expect(flake.match(/\(using pkgsFor\.spec-3\)/g)).toHaveLength(1);
  });

  test("gives every machine the derivation that it has alone", async () => {
    const unshared = await project(input);
    try {
      writeFiles(unshared.root, synthFlake(await loadFleet(unshared.root)));
      await unshared.write("alone.nix", alone);
      const uses = /(spec-\d = \{\n\s*system = "x86_64-linux";\n\s*modules = \[)\n\s*\(using pkgsFor\.[\w-]+\)/g;
      const own = flake
        .replace(uses, (_, start: string) => `${start} (import ./alone.nix "${start.slice(0, 6)}")`)
        .replace(/\(sharing pkgsFor\.[\w-]+\)/g, "");
      expect(own.match(/alone\.nix|pkgsFor/g)).toEqual(["pkgsFor", "alone.nix", "alone.nix", "alone.nix"]);
      await unshared.write("flake.nix", own);
      const [one, two] = [await drvPaths(shared.root), await drvPaths(unshared.root)];
      expect(one).toEqual(two);
      expect(Object.keys(one)).toEqual(Object.keys(hosts).sort());
      // The overlays and the names make a difference, so equal paths say something.
      expect(new Set(Object.values(one)).size).toBeGreaterThanOrEqual(4);
      expect(one["own-overlay"]).not.toBe(one["plain-1"]);
      expect(one["spec-1"]).toBe(one["own-overlay"]);
    } finally {
      await unshared.remove();
    }
  });

  test("says so when a module configures packages that floe configures", async () => {
    await shared.write(
      "hosts/both.ts",
      host("nixpkgs: { config: { allowUnfree: true } },", "{ nixpkgs: { overlays: MARKED } }"),
    );
    writeFiles(shared.root, synthFlake(await loadFleet(shared.root)));
    const failure = drvPaths(shared.root).catch((error: Error) => error.message);
    expect(await failure).toContain("A module sets `nixpkgs.config', which has no effect");
  });
});
