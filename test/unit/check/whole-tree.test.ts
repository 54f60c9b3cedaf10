/** `floe check` names the machines that change with every commit, and where they ask for it. */
import { expect, test } from "vitest";
import { wholeTreeNotes } from "../../../src/check/whole-tree.ts";
import { loadFleet } from "../../../src/config/load.ts";
import { loadWithPlaces } from "../../../src/diagnose/diagnose.ts";
import type { Fleet } from "../../../src/model/fleet.ts";
import { tempProject } from "../../support/temp-project.ts";

test("hosts and containers that read inputs.self.rev, the whole tree, or both through a module", async () => {
  const project = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "x", inputs: { nixpkgs: "github:nixos/nixpkgs" }, hosts: dir("./hosts"), containers: dir("./containers"), specialArgs: ({ inputs }) => ({ self: inputs.self }) });`,
    "modules/stamped.ts": `import { module } from "floe";
export const stamped = module(({ self }) => ({ system: { configurationRevision: self.rev } }));`,
    "modules/tree.nix": '{ inputs, ... }: {\n  environment.etc.all.source = "${inputs.self}";\n}',
    "modules/deep.nix": "{ imports = [ ./tree.nix ]; }",
    "hosts/clean.ts": `import { host } from "floe";
export default host(({ inputs }) => ({ environment: { etc: { b: { text: \`\${inputs.self.packages.x}\` } } } }));`,
    "hosts/by-module.ts": `import { host } from "floe";
import { stamped } from "../modules/stamped.ts";
export default host({ imports: [stamped] });`,
    "hosts/by-nix.ts": `import { host, nix } from "floe";
export default host({ imports: [nix.path("../modules/deep.nix")] });`,
    "hosts/by-path.ts": `import { host, nix } from "floe";
export default host({ environment: { etc: { all: { source: nix.path("..") } } } });`,
    "hosts/by-reference.ts": `import { host } from "floe";
export default host(({ inputs }) => ({ system: { nixos: { label: inputs.self.rev } } }));`,
    "containers/by-tag.ts": `import { container, nix } from "floe";
export default container({ system: { nixos: { label: nix\`inputs.self.shortRev or "dirty"\` } } });`,
  });
  try {
    const notes = await wholeTreeNotes(await loadFleet(project.root));
    expect(notes.map(({ subject, message, file }) => [subject, message, file])).toMatchInlineSnapshot(`
      [
        [
          "host by-module",
          "It reads self.rev, and so is new with every commit",
          "modules/stamped.ts",
        ],
        [
          "host by-nix",
          "It reads inputs.self, and so is new with every commit",
          "modules/tree.nix",
        ],
        [
          "host by-path",
          "It reads the project's folder, and so is new with every commit",
          "hosts/by-path.ts",
        ],
        [
          "host by-reference",
          "It reads inputs.self.rev, and so is new with every commit",
          "hosts/by-reference.ts",
        ],
        [
          "container by-tag",
          "It reads inputs.self.shortRev, and so is new with every commit",
          "containers/by-tag.ts",
        ],
      ]
    `);
    const placed = await wholeTreeNotes((await loadWithPlaces(project.root)) as Fleet);
    expect(placed.map(({ file, line, column }) => `${file}:${line}:${column}`)).toMatchInlineSnapshot(`
      [
        "modules/stamped.ts:2:86",
        "modules/tree.nix:2:42",
        "hosts/by-path.ts:2:64",
        "hosts/by-reference.ts:2:78",
        "containers/by-tag.ts:2:70",
      ]
    `);
  } finally {
    await project.remove();
  }
});
