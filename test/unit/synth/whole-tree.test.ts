import { expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { findWholeTreeReads } from "../../../src/synth/whole-tree.ts";
import { tempProject } from "../../support/temp-project.ts";

const host = (body: string) => `import { host, nix } from "floe";
import { stamped } from "../modules/stamped.ts";
export default host(({ inputs, pkgs }) => ({ ${body} }));
void stamped;`;

test("machines that read the revision or the whole tree are named, and no others", async () => {
  const project = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "x", inputs: { nixpkgs: "github:nixos/nixpkgs" }, hosts: dir("./hosts"), specialArgs: ({ inputs }) => ({ self: inputs.self }) });`,
    "modules/stamped.ts": `import { module } from "floe";
export const stamped = module(({ self }) => ({ system: { configurationRevision: self.rev } }));`,
    "modules/tree.nix":
      '{ inputs, ... }: {\n  # inputs.self.rev in a comment\n  environment.etc.all.source = "${inputs.self}";\n}',
    "modules/deep.nix": "{ imports = [ ./tree.nix ]; }",
    "data/page.html": "",
    "hosts/clean.ts": host(
      'environment: { etc: { a: { source: nix.path("../data") }, b: { text: `${inputs.self.packages.x}` } } }, users: { self: { rev: 1 } }',
    ),
    "hosts/by-module.ts": host("imports: [stamped]"),
    "hosts/by-nix.ts": host('imports: [nix.path("../modules/deep.nix")]'),
    "hosts/by-path.ts": host('environment: { etc: { all: { source: nix.path("..") } } }'),
    "hosts/by-tag.ts": host('system: { nixos: { label: nix`inputs.self.shortRev or "dirty"` } }'),
    "hosts/by-reference.ts": host("environment: { etc: { a: { text: `${inputs.self.lastModified}${inputs.self}` } } }"),
  });
  try {
    const fleet = await loadFleet(project.root);
    const texts: Record<string, string> = {};
    for (const file of ["modules/tree.nix", "modules/deep.nix"])
      texts[file] = await import("node:fs").then((fs) => fs.readFileSync(`${project.root}/${file}`, "utf8"));
    const reads = findWholeTreeReads(fleet, (path) => texts[path]);
    expect(reads.map(({ name, what, file, at }) => [name, what, file, at?.line])).toEqual([
      ["by-module", "self.rev", "modules/stamped.ts", undefined],
      ["by-nix", "inputs.self", "modules/tree.nix", 3],
      ["by-path", "the project's folder", "hosts/by-path.ts", undefined],
      ["by-reference", "inputs.self.lastModified", "hosts/by-reference.ts", undefined],
      ["by-reference", "inputs.self", "hosts/by-reference.ts", undefined],
      ["by-tag", "inputs.self.shortRev", "hosts/by-tag.ts", undefined],
    ]);
  } finally {
    await project.remove();
  }
});
