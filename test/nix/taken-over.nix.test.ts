/** Flakes that floe did not write, evaluated by floe and by Nix itself: the same derivations. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { findProject } from "../../src/config/find.ts";
import type { Evaluation } from "../../src/model/evaluation.ts";
import { allNames, evaluate, load, writeFlake } from "../../src/pipeline.ts";
import { drvPathOf, type ExistingFlake, existingFlake, flakeFiles, fleetText } from "../support/existing-flake.ts";
import { nix, nixCommand } from "../support/nix.ts";
import { nixpkgsUrl } from "../support/nixpkgs.ts";
import { run } from "../support/run.ts";

const work = { emit: () => {}, signal: new AbortController().signal };
const previous = process.env["FLOE_NIX"];
process.env["FLOE_NIX"] = nixCommand;

let flake: ExistingFlake | undefined;
afterEach(async () => {
  process.env["FLOE_NIX"] = previous ?? nixCommand;
  await flake?.remove();
  flake = undefined;
});

async function open(files: Readonly<Record<string, string>> = {}): Promise<ExistingFlake> {
  flake = await existingFlake({ ...flakeFiles, "floe.config.ts": fleetText(), ...files });
  return flake;
}

async function evaluation(root: string): Promise<Evaluation> {
  const fleet = await load(findProject(root), work);
  await writeFlake(fleet, work);
  return evaluate(fleet, allNames(fleet), work);
}

async function hostPaths(root: string): Promise<Record<string, string>> {
  const { hosts } = await evaluation(root);
  return Object.fromEntries(
    Object.entries(hosts).map(([name, made]) => [name, made.ok ? made.value.drvPath : made.error.message]),
  );
}

/** What Nix itself makes of the two hosts. */
async function nixPaths(root: string): Promise<Record<string, string>> {
  return { crown: await drvPathOf(root, "crown"), pearl: await drvPathOf(root, "pearl") };
}

const messages = (made: Evaluation): Record<string, string | undefined> =>
  Object.fromEntries(
    [...Object.entries(made.hosts), ...Object.entries(made.images), ...Object.entries(made.shells)].map(
      ([name, part]) => [name, part.ok ? undefined : `${part.error.file}:${part.error.line}: ${part.error.message}`],
    ),
  );

describe("the same derivation as nixos-rebuild --flake", () => {
  test("of a clean tree, of one with changes, and after the commit; a lock is made where there is none", async () => {
    const { root, write, commit } = await open();
    const first = await evaluation(root);
    expect(Object.values(messages(first))).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(existsSync(path.join(root, "flake.lock"))).toBe(true);
    await commit();
    const clean = await nixPaths(root);
    expect(await hostPaths(root)).toEqual(clean);
    await write("hosts/pearl.nix", '{ networking.hostName = "pearl"; time.timeZone = "UTC"; }\n');
    const dirty = await nixPaths(root);
    expect(await hostPaths(root)).toEqual(dirty);
    expect(dirty["crown"]).not.toBe(clean["crown"]);
    await commit();
    const committed = await nixPaths(root);
    expect(await hostPaths(root)).toEqual(committed);
    // It reads the revision, so a commit alone makes it another one.
    expect(committed["crown"]).not.toBe(dirty["crown"]);
    expect(committed["pearl"]).toBe(dirty["pearl"]);
  });

  test("of a flake in a folder of a repository, which reads files beside the folder", async () => {
    const { root, git, commit } = await open({
      "systems/floe.config.ts": fleetText(),
      ...Object.fromEntries(Object.entries(flakeFiles).map(([file, text]) => [`systems/${file}`, text])),
      "systems/hosts/pearl.nix": "{ imports = [ ../../common.nix ]; }\n",
      "common.nix": '{ networking.hostName = "pearl"; }\n',
    });
    await git("rm", "-rq", "--cached", "flake.nix", "floe.config.ts", "hosts", "modules");
    for (const name of ["flake.nix", "floe.config.ts", "hosts", "modules"])
      rmSync(path.join(root, name), { recursive: true });
    const systems = path.join(root, "systems");
    await evaluation(systems);
    await commit();
    expect(await hostPaths(systems)).toEqual(await nixPaths(systems));
    writeFileSync(path.join(root, "common.nix"), "{ networking.hostName = 5; }\n");
    expect(messages(await evaluation(systems))["pearl"]).toMatch(
      /^\.\.\/common\.nix:1: networking\.hostName: 5 is not/,
    );
  });

  test("a file that git does not know is evaluated; then the source is no longer that of a commit", async () => {
    const { root, write, commit } = await open();
    await evaluation(root);
    await commit();
    const before = await nixPaths(root);
    await write("new.ts", "export {};\n");
    expect((await hostPaths(root))["pearl"]).toBe(before["pearl"]);
    await write("hosts/pearl.nix", "{ imports = [ ./new.nix ]; }\n");
    await write("hosts/new.nix", '{ networking.hostName = "pearl"; }\n');
    expect(await hostPaths(root)).toMatchObject({ pearl: before["pearl"] });
    await expect(drvPathOf(root, "pearl")).rejects.toThrow(/new\.nix/);
  });

  test("outside of git too", async () => {
    const { root } = await open();
    rmSync(path.join(root, ".git"), { recursive: true });
    const [evaluated] = [await hostPaths(root)];
    expect(evaluated["pearl"]).toBe(
      await nix(["eval", "--raw", `path:${root}#nixosConfigurations.pearl.config.system.build.toplevel.drvPath`]),
    );
  });
});

test("the default shell under the name that old flakes have for it", async () => {
  const text = (flakeFiles["flake.nix"] ?? "")
    .replace("default = pkgs.mkShell", "other = pkgs.mkShell")
    .replace("devShells.", "devShell.${system} = pkgs.mkShell { };\n      devShells.");
  const { root } = await open({ "flake.nix": text });
  expect(messages(await evaluation(root))).toMatchObject({ default: undefined, aws: undefined });
});

describe("a failure stays its own", () => {
  test("a missing output, an option that is wrong, and what is no machine; each has its place", async () => {
    const text = fleetText({ hosts: 'opal: host({ from: "nixosConfigurations.opl" }),' }).replace(
      '"packages.x86_64-linux.webMetadata"',
      '"nixosModules.motd"',
    );
    const { root, write } = await open({ "floe.config.ts": text });
    await write("hosts/pearl.nix", "{ networking.hostNam = 5; }\n");
    const told = messages(await evaluation(root));
    expect(told).toEqual({
      crown: undefined,
      pearl: "hosts/pearl.nix:1: networking.hostNam: there is no such option",
      opal: "floe.config.ts:9: The flake has no output nixosConfigurations.opl; nixosConfigurations has crown, pearl",
      web: "floe.config.ts:13: The flake's output nixosModules.motd is no derivation",
      default: undefined,
      aws: undefined,
    });
  });

  test("a flake that does not parse fails as a whole", async () => {
    const { root, write } = await open();
    await write("flake.nix", "{ outputs = _: { } } }\n");
    await expect(evaluation(root)).rejects.toThrow(/^Cannot evaluate the flake: flake\.nix:1: syntax error/);
  });
});

test("nix is asked once, and not at all when nothing changed", async () => {
  const { root, write, commit } = await open();
  await evaluation(root);
  await commit();
  const command = path.join(root, ".floe/counting-nix");
  const log = path.join(root, ".floe/calls");
  mkdirSync(path.dirname(command), { recursive: true });
  writeFileSync(command, `#!/bin/sh\necho "$*" | tr '\\n' ' ' >> ${log}\necho >> ${log}\nexec ${nixCommand} "$@"\n`);
  chmodSync(command, 0o755);
  process.env["FLOE_NIX"] = command;
  const calls = (): string[] => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
  await evaluation(root);
  expect(calls().filter((call) => call.includes(" eval "))).toHaveLength(1);
  const after = calls().length;
  await evaluation(root);
  expect(calls()).toHaveLength(after);
  await write("hosts/pearl.nix", "{ }\n");
  await evaluation(root);
  expect(calls().filter((call) => call.includes(" eval "))).toHaveLength(2);
});

test.skipIf(nixpkgsUrl() === undefined)("a real nixpkgs", { timeout: 600_000 }, async () => {
  const host = `{ ... }: {
    boot.loader.grub.device = "/dev/sda";
    fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; };
    networking.hostName = "crown";
  }\n`;
  const { root, commit } = await open({
    "flake.nix": `{
  inputs.nixpkgs.url = ${JSON.stringify(nixpkgsUrl())};
  outputs = { self, nixpkgs }: {
    nixosConfigurations.crown = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ ./hosts/crown.nix { system.configurationRevision = self.rev or "dirty"; } ];
    };
  };
}\n`,
    "hosts/crown.nix": host,
    "floe.config.ts": `import { fleet, host } from "floe";
export default fleet({ name: "real", flake: "./flake.nix", hosts: { crown: host({ from: "nixosConfigurations.crown" }) } });
`,
  });
  await hostPaths(root);
  await commit();
  expect(await hostPaths(root)).toEqual({ crown: await drvPathOf(root, "crown") });
});

test("submodules are evaluated as they are on disk", async () => {
  const { root, git, commit } = await open();
  const other = path.join(path.dirname(root), "other");
  await cp(path.join(root, "modules"), other, { recursive: true });
  writeFileSync(path.join(other, "host.nix"), '{ networking.hostName = "sub"; }\n');
  await run("git", ["-C", other, "init", "--quiet"]);
  await run("git", ["-C", other, "add", "."]);
  await run("git", ["-C", other, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "one"]);
  await git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other, "parts");
  writeFileSync(path.join(root, "hosts/pearl.nix"), "{ imports = [ ../parts/host.nix ]; }\n");
  await evaluation(root);
  await commit();
  expect((await hostPaths(root))["pearl"]).toMatch(/-nixos-system-sub-.*\.drv$/);
  // Nix looks into them only when it is told to.
  await expect(drvPathOf(root, "pearl")).rejects.toThrow(/parts/);
});
