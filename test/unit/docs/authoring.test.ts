/** The pairs of TypeScript and Nix in docs/authoring.md are what floe does. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { synthFlake } from "../../../src/synth/synth.ts";
import { tempProject } from "../../support/temp-project.ts";

const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/authoring.md"), "utf8");

/** Code blocks that begin with a comment which names their file, by that name. */
function blocks(language: string, comment: string): Map<string, string> {
  const pattern = new RegExp(`^\`\`\`${language}\\n${comment} (\\S+)\\n([\\s\\S]*?)^\`\`\``, "gm");
  return new Map([...page.matchAll(pattern)].map(([, file = "", code = ""]) => [file, code]));
}

test("the examples become the Nix that stands below them", async () => {
  const { "floe.config.ts": _, ...sources } = Object.fromEntries(blocks("ts", "//"));
  const wanted = blocks("nix", "#");
  expect(wanted.size).toBe(3);
  const project = await tempProject({
    ...sources,
    "hosts/crown/hardware.nix": "{ }",
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "docs", inputs: { nixpkgs: "github:nixos/nixpkgs" }, hosts: dir("./hosts") });`,
  });
  try {
    const files = synthFlake(await loadFleet(project.root));
    for (const [file, nix] of wanted) expect(files.get(file)?.replace(/^# .*\n/, "")).toBe(nix);
  } finally {
    await project.remove();
  }
});

test("the fleet and the dev shells of the page are what floe takes", async () => {
  const { "floe.config.ts": config = "", ...sources } = Object.fromEntries(blocks("ts", "//"));
  const shells = /export default shells\([\s\S]*?\n\}\)\);\n/.exec(page)?.[0] ?? "";
  const project = await tempProject({
    ...sources,
    "floe.config.ts": `import { dir, fleet, nix } from "floe";\nimport { web } from "./modules/web.ts";\n${config}`,
    "devshells.ts": `import { shells } from "floe";\n${shells}`,
    "hosts/crown/hardware.nix": "{ }",
    "containers/web.ts": `import { container } from "floe";\nexport default container({});`,
    "homes/me@crown.ts": `import { home } from "floe";\nexport default home({ home: { stateVersion: "26.05" } });`,
    "pkgs/tool.nix": "{ hello }: hello",
    "firn/flake.nix": "{ outputs = { self }: { }; }",
  });
  try {
    const flake = synthFlake(await loadFleet(project.root)).get("flake.nix") ?? "";
    for (const output of [
      "nixosConfigurations",
      "homeConfigurations",
      "packages",
      "checks",
      "devShells",
      "formatter",
      "overlays",
      "nixosModules",
    ])
      expect(flake).toMatch(new RegExp(`^      ${output}\\b`, "m"));
  } finally {
    await project.remove();
  }
});
