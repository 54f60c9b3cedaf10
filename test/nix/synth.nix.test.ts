import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { loadFleet } from "../../src/config/load.ts";
import { synthFlake } from "../../src/synth/synth.ts";
import { writeFiles } from "../../src/synth/write.ts";
import { goldenFolder } from "../support/golden.ts";
import { nix } from "../support/nix.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const projects: TempProject[] = [];
afterEach(async () => {
  for (const project of projects.splice(0)) await project.remove();
});

/** The golden project "folder", which brings a base of its own, written out by floe. */
async function writtenProject(files: Readonly<Record<string, string>> = {}): Promise<TempProject> {
  const project = await tempProject({}, path.join(goldenFolder, "folder"));
  projects.push(project);
  for (const [file, text] of Object.entries(files)) await project.write(file, text);
  writeFiles(project.root, synthFlake(await loadFleet(project.root)));
  return project;
}

async function evaluate(project: TempProject, attribute: string, apply: string): Promise<unknown> {
  return JSON.parse(await nix(["eval", "--json", `path:${project.root}#${attribute}`, "--apply", apply]));
}

test("the outputs have the names that nix, nixos-rebuild and floe ask for", async () => {
  const project = await writtenProject();
  const names = "x: builtins.mapAttrs (name: value: builtins.attrNames value) x";
  expect(await evaluate(project, "packages", names)).toEqual({
    "aarch64-linux": ["pi-hole", "pi-hole-metadata"],
    "x86_64-linux": ["game", "game-metadata"],
  });
  expect(await evaluate(project, "devShells", names)).toEqual({
    "aarch64-linux": ["aws", "default"],
    "x86_64-linux": ["aws", "default"],
  });
  expect(await evaluate(project, "nixosConfigurations", "builtins.attrNames")).toEqual(["game", "pi", "pi-hole"]);
  expect(await evaluate(project, "floe", names)).toEqual({
    hosts: ["pi"],
    images: ["game", "pi-hole"],
    shells: ["aws", "default"],
  });
});

test("floe gives the derivations of the other outputs, made of every imported module", async () => {
  const project = await writtenProject();
  const image = (await evaluate(
    project,
    "floe.images.game",
    "x: { drv = x.rootfs.drvPath; out = x.metadata.outPath; }",
  )) as { drv: string; out: string };
  expect(image.drv).toBe(await evaluate(project, "packages.x86_64-linux.game", "x: x.drvPath"));
  expect(image.out).toBe(await evaluate(project, "packages.x86_64-linux.game-metadata", "x: x.outPath"));
  // The test's base names a machine after the `_file` of its modules.
  expect(await evaluate(project, "floe.hosts.pi", "x: x.outPath")).toMatch(
    /-hosts\.pi\.ts-modules\.site\.ts-modules\.site\.ts-toplevel$/,
  );
  expect(image.out).toMatch(/-containers\.game\.ts-lxc-metadata$/);
});

test("a description keeps every character, and Nix reads it without evaluating", async () => {
  const description = "a \"quoted\" $HOME ${x} 'it''s' \\ end\n$";
  const project = await writtenProject({
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "x", description: ${JSON.stringify(description)}, inputs: { nixpkgs: dir("./base") } });`,
  });
  const metadata = JSON.parse(await nix(["flake", "metadata", "--json", `path:${project.root}`])) as {
    readonly description: string;
  };
  expect(metadata.description).toBe(description);
});

test("the types accept the golden projects and refuse what a reference cannot do", async () => {
  const root = path.resolve(import.meta.dirname, "../..");
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  expect(await run(process.execPath, [tsc, "--noEmit", "-p", path.join(goldenFolder, "tsconfig.json")])).toBe("");
});
