/** Updates of real git inputs with the real nix: what they change, what breaks, and that the project stays as it is. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { findProject } from "../../src/config/find.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import { keepUpdate, load, type ProposedUpdate, proposeUpdate, revertUpdate, writeFlake } from "../../src/pipeline.ts";
import { existingFlake } from "../support/existing-flake.ts";
import { addFirnBase } from "../support/firn-system.ts";
import { type GitFirn, gitFirn, secondProject, updateProject } from "../support/git-firn.ts";
import { nix, nixCommand } from "../support/nix.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

process.env["FLOE_NIX"] = nixCommand;
const work = { emit: () => {}, signal: new AbortController().signal };
let firn: GitFirn;
let project: TempProject;
let fleet: Fleet;

const lock = (): string | undefined => {
  const file = path.join(project.root, "flake.lock");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
};
const propose = (names: readonly string[] = [], build = false): Promise<ProposedUpdate> =>
  proposeUpdate(fleet, { names, build }, work);
const outcomes = ({ parts }: ProposedUpdate): Record<string, string> =>
  Object.fromEntries(parts.map(({ kind, name, outcome }) => [`${kind} ${name}`, outcome]));
const newHello = (version: string): Promise<string> =>
  firn.change("pkgs/hello.nix", /version \? "[^"]*"/, `version ? "${version}"`, `hello: ${version}`);

beforeAll(addFirnBase);
beforeEach(async () => {
  firn = await gitFirn();
  project = await tempProject(updateProject(firn.url));
  fleet = await load(findProject(project.root), work);
  await writeFlake(fleet, work);
  await keepUpdate(fleet, await propose());
});
afterEach(async () => {
  await project.remove();
  await firn.remove();
});

test("an update tells its commits and the packages of what it changes, and leaves the project alone", async () => {
  const before = lock();
  const same = await propose();
  expect(same).toMatchObject({ asked: ["nixpkgs"], inputs: [], parts: [], problems: [] });

  await firn.change("README.md", /$/, "More.\n", "README: more");
  // Nobody has built this one.
  const version = `1.1.${Date.now()}`;
  const rev = await newHello(version);
  const proposed = await propose(["nixpkgs"]);
  expect(lock()).toBe(before);
  expect(proposed.lock.before).toBe(before);
  expect(proposed.inputs).toMatchObject([
    {
      input: "nixpkgs",
      after: { rev },
      commits: {
        count: 2,
        lost: 0,
        isEstimate: false,
        newest: [{ rev, subject: `hello: ${version}` }, { subject: "README: more" }],
      },
    },
  ]);
  expect(outcomes(proposed)).toEqual({
    "host crown": "changed",
    "host nas": "same",
    "container web": "changed",
    "shell default": "changed",
    "shell plain": "same",
  });
  const hello = { name: "hello", kind: "upgraded", before: ["1.0"], after: [version] };
  for (const name of ["crown", "web", "default"])
    expect(proposed.parts.find((part) => part.name === name)).toMatchObject({
      packagesFrom: "derivations",
      packages: [hello],
    });

  const built = await propose(["nixpkgs"], true);
  for (const name of ["crown", "web"]) {
    const part = built.parts.find((one) => one.name === name);
    expect(part).toMatchObject({ packagesFrom: "closures" });
    expect(part?.packages).toContainEqual(expect.objectContaining(hello));
    expect(part?.packages?.some(({ name }) => name.startsWith("nixos-system"))).toBe(false);
  }
  expect(existsSync(path.join(project.root, ".floe/roots"))).toBe(false);

  await keepUpdate(fleet, built);
  expect(lock()).toBe(built.lock.after);
  expect(await revertUpdate(project.root, { force: false, signal: work.signal })).toMatchObject([{ before: { rev } }]);
  expect(lock()).toBe(before);
  await expect(revertUpdate(project.root, { force: false, signal: work.signal })).rejects.toThrow(
    "no update to go back",
  );
});

test("what breaks is told; what was broken before does not stand in the way; what is mended is told too", async () => {
  await firn.change("pkgs/default.nix", "hello = callPackage", "goodbye = callPackage", "hello: gone");
  const broken = await propose();
  expect(outcomes(broken)).toMatchObject({ "host crown": "broken", "host nas": "same", "shell default": "broken" });
  expect(broken.problems.map(({ subject }) => subject)).toEqual(["host crown", "container web", "shell default"]);
  expect(broken.problems[0]?.message).toMatch(/hello/);

  await keepUpdate(fleet, broken);
  await firn.change("README.md", /$/, "More.\n", "README: more");
  const still = await propose();
  expect(outcomes(still)).toMatchObject({ "host crown": "still-broken", "host nas": "same" });
  expect(still.problems).toEqual([]);

  await firn.change("pkgs/default.nix", "goodbye = callPackage", "hello = callPackage", "hello: back");
  expect(outcomes(await propose())).toMatchObject({ "host crown": "mended", "container web": "mended" });
});

test("an input that throws, and a build that fails, are problems", async () => {
  await firn.change("flake.nix", "lib = lib // {", 'lib = throw "no lib"; unused = lib // {', "flake: broken");
  const { problems } = await propose();
  expect(problems.map(({ subject }) => subject)).toContain("host crown");
  expect(problems[0]?.message).toContain("no lib");

  await firn.git("reset", "--quiet", "--hard", "HEAD~1");
  await firn.change("pkgs/hello.nix", "mkdir -p $out/bin", "exit 7", "hello: does not build");
  expect((await propose()).problems).toEqual([]);
  const built = await propose([], true);
  expect(built.problems.map(({ subject }) => subject)).toEqual(expect.arrayContaining(["host crown", "container web"]));
});

test("a branch that was written anew says how much of the old one is lost", async () => {
  await newHello("1.1");
  await keepUpdate(fleet, await propose());
  await firn.git("reset", "--quiet", "--hard", "HEAD~1");
  await newHello("0.9");
  const proposed = await propose();
  expect(proposed.inputs[0]?.commits).toMatchObject({ count: 1, lost: 1 });
  expect(proposed.parts.find(({ name }) => name === "crown")?.packages).toMatchObject([
    { name: "hello", kind: "downgraded" },
  ]);
});

test("names that are no inputs, and an input that is gone from where it was", async () => {
  await expect(propose(["nixpkg"])).rejects.toMatchObject({ exitCode: 2, hint: "Did you mean nixpkgs?" });
  const before = lock();
  await firn.git("branch", "--move", "main", "other");
  await expect(propose()).rejects.toMatchObject({ code: "NIX", exitCode: 1 });
  expect(lock()).toBe(before);
});

test("a lock that somebody else changed meanwhile is not written over, and not gone back from without force", async () => {
  await newHello("1.1");
  const proposed = await propose();
  const changed = `${lock()}\n`;
  await project.write("flake.lock", changed);
  await expect(keepUpdate(fleet, proposed)).rejects.toMatchObject({ code: "STATE" });
  expect(lock()).toBe(changed);
  await expect(revertUpdate(project.root, { force: false, signal: work.signal })).rejects.toThrow(
    /changed by somebody/,
  );
  await revertUpdate(project.root, { force: true, signal: work.signal });
  expect(lock()).toBeUndefined();
});

test("of a taken-over flake in a folder of a repository, with an input that lies beside that folder", async () => {
  const flake = await existingFlake({
    "lib/flake.nix": '{ outputs = { self }: { module = { networking.hostName = "crown"; }; }; }\n',
    "systems/flake.nix": `{
  inputs.nixpkgs.url = "${firn.url}";
  inputs.lib.url = "path:../lib";
  outputs = { self, nixpkgs, lib }: {
    nixosConfigurations.crown = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ lib.module ({ pkgs, ... }: { environment.systemPackages = [ pkgs.hello ]; }) ]; };
  };
}
`,
    "systems/floe.config.ts": `import { fleet, host } from "floe";
export default fleet({ name: "update-test", flake: "./flake.nix", hosts: { crown: host({ from: "nixosConfigurations.crown", system: "x86_64-linux" }) } });
`,
  });
  try {
    const open = () => load(findProject(path.join(flake.root, "systems")), work);
    if (/ 2\.8\./.test(await nix(["--version"]))) {
      // It knows no flake in a folder of a path, and says so by the input's name.
      const refused = proposeUpdate(await open(), { names: [], build: false }, work);
      return await expect(refused).rejects.toThrow(
        /^Cannot lock the input "lib": relative path '\.\.\/lib' points outside/,
      );
    }
    const first = await proposeUpdate(await open(), { names: [], build: false }, work);
    expect(first.asked).toEqual(["lib", "nixpkgs"]);
    expect(outcomes(first)).toEqual({ "host crown": "changed" });
    await keepUpdate(await open(), first);
    const rev = await newHello(`1.2.${Date.now()}`);
    const next = await proposeUpdate(await open(), { names: ["nixpkgs"], build: false }, work);
    expect(next.inputs).toMatchObject([{ input: "nixpkgs", after: { rev } }]);
    expect(outcomes(next)).toEqual({ "host crown": "changed" });
  } finally {
    await flake.remove();
  }
});

test("a second nixpkgs is told with the parts that are built from it, as far as that can be known", async () => {
  const { files, second } = await secondProject(firn);
  const other = await tempProject(files);
  try {
    const open = () => load(findProject(other.root), work);
    await writeFlake(await open(), work);
    const found = async (): Promise<ProposedUpdate["second"]> => {
      const proposed = await proposeUpdate(await open(), { names: [], build: false }, work);
      await keepUpdate(await open(), proposed);
      return proposed.second;
    };
    // Whatever is built from it may be from the other: they build alike.
    const [same] = await found();
    expect(same).toMatchObject({ path: "tool/nixpkgs", own: "nixpkgs" });
    expect(same).not.toHaveProperty("inClosureOf");

    const rev = await second.change("pkgs/stdenv/setup.sh", /$/, "# Its own.\n", "stdenv: other");
    await lockTool(second);
    const uses = [
      { kind: "host", name: "crown", isAlone: false },
      { kind: "shell", name: "tool", isAlone: true },
    ];
    expect(await found()).toMatchObject([{ path: "tool/nixpkgs", rev, inClosureOf: uses }]);
    // Nothing moved, and the same is known.
    expect(await found()).toMatchObject([{ rev, inClosureOf: uses }]);

    await other.write("hosts/crown.ts", files["hosts/nas.ts"]?.replace('"nas"', '"crown"') ?? "");
    await other.write(
      "devshells.ts",
      'import { shells } from "floe";\nexport default shells(() => ({ plain: {} }));\n',
    );
    await writeFlake(await open(), work);
    expect(await found()).toMatchObject([{ path: "tool/nixpkgs", inClosureOf: [] }]);

    // What does not evaluate may hold some of it.
    await other.write("hosts/nas.ts", (files["hosts/nas.ts"] ?? "").replace("greeting }", "nothing }"));
    await writeFlake(await open(), work);
    expect((await found())[0]).not.toHaveProperty("inClosureOf");
  } finally {
    await other.remove();
    await second.remove();
  }
});

test("a second nixpkgs of a taken-over flake is told with the hosts that are built from it", async () => {
  const { tool, second } = await secondProject(firn);
  const flake = await existingFlake({
    "flake.nix": `{
  inputs.nixpkgs.url = "${firn.url}";
  inputs.tool.url = "${tool}";
  outputs = { self, nixpkgs, tool }: let host = name: packages: nixpkgs.lib.nixosSystem {
    system = "x86_64-linux";
    modules = [ { networking.hostName = name; environment.systemPackages = packages; } ];
  }; in {
    nixosConfigurations.crown = host "crown" [ tool.packages.x86_64-linux.tool ];
    nixosConfigurations.nas = host "nas" [ ];
  };
}
`,
    "floe.config.ts": `import { fleet, host } from "floe";
const of = (name: string) => host({ from: \`nixosConfigurations.\${name}\`, system: "x86_64-linux" });
export default fleet({ name: "update-test", flake: "./flake.nix", hosts: { crown: of("crown"), nas: of("nas") } });
`,
  });
  try {
    await second.change("pkgs/stdenv/setup.sh", /$/, "# Its own.\n", "stdenv: other");
    await lockTool(second);
    const open = () => load(findProject(flake.root), work);
    const proposed = await proposeUpdate(await open(), { names: [], build: false }, work);
    expect(proposed.second).toMatchObject([
      {
        path: "tool/nixpkgs",
        remedy: 'inputs.tool.inputs.nixpkgs.follows = "nixpkgs";',
        inClosureOf: [{ kind: "host", name: "crown", isAlone: false }],
      },
    ]);
    await flake.write(
      "flake.nix",
      readFileSync(path.join(flake.root, "flake.nix"), "utf8").replace("[ tool.packages.x86_64-linux.tool ]", "[ ]"),
    );
    const without = await proposeUpdate(await open(), { names: [], build: false }, work);
    expect(without.second).toMatchObject([{ path: "tool/nixpkgs", inClosureOf: [] }]);
  } finally {
    await flake.remove();
    await second.remove();
  }
});

/** At the second nixpkgs as it is; committed. */
async function lockTool({ folder, git }: GitFirn): Promise<void> {
  const tool = path.join(folder, "../tool");
  await nix(["flake", "lock", tool]);
  await git("-C", tool, "add", "--all");
  await git("-C", tool, "commit", "--quiet", "--message=lock");
}
