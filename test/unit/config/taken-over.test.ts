import { describe, expect, test } from "vitest";
import { parseAttributePath } from "../../../src/config/existing-flake.ts";
import { loadFleet } from "../../../src/config/load.ts";
import { fleetFile, takenOver } from "../../../src/model/taken-over.ts";
import { synthFlake } from "../../../src/synth/synth.ts";
import { complaint, project } from "./project.ts";

const flakeNix = '{ inputs.nixpkgs.url = "github:nixos/nixpkgs"; outputs = _: { }; }\n';
const lock = JSON.stringify({
  nodes: {
    nixpkgs_2: { locked: {}, original: { type: "github", owner: "nixos", repo: "nixpkgs", ref: "nixos-26.05" } },
    old: { flake: false, locked: {}, original: { type: "git", url: "https://example.org/old" } },
    root: { inputs: { nixpkgs: "nixpkgs_2", old: "old", followed: ["nixpkgs"] } },
  },
  root: "root",
  version: 7,
});

const withFleet = (keys: string, files: Readonly<Record<string, string>> = {}): string =>
  project({
    "floe.config.ts": `import { container, dir, fleet, home, host, module, nix, shell, shells } from "floe";
export default fleet({
  name: "test",
  ${keys}
});
`,
    "flake.nix": flakeNix,
    ...files,
  });

describe("an attribute path", () => {
  test.each([
    ["nixosConfigurations.crown", ["nixosConfigurations", "crown"]],
    ['homeConfigurations."me@crown"', ["homeConfigurations", "me@crown"]],
    ['a."b.c".d-e\'', ["a", "b.c", "d-e'"]],
    ['"a\\"b"."\\${x}"."$y"', ['a"b', "${x}", "$y"]],
  ])("%s", (text, path) => expect(parseAttributePath(text)).toEqual(path));
  test.each(["", ".", "a.", "a..b", "a b", 'a."${b}"', "a.${b}", "1a", 'a."b', "a/b", "a.b.."])("not %j", (text) =>
    expect(parseAttributePath(text)).toBeUndefined(),
  );
});

describe("a fleet on an existing flake", () => {
  const keys = `flake: "./flake.nix",
  hosts: { crown: host({ from: "nixosConfigurations.crown", target: "root@crown.lan" }) },
  homes: { "me@crown": home({ from: 'homeConfigurations."me@crown"', user: "me" }) },
  containers: { web: container({
    from: { rootfs: "nixosConfigurations.web.config.system.build.tarball", metadata: "packages.x86_64-linux.webMetadata" },
    instances: { web: {} },
  }) },
  shells: { default: shell({ from: "default" }) },`;

  test("knows where everything is, and writes nothing", async () => {
    const root = withFleet(keys, { "flake.lock": lock });
    const fleet = await loadFleet(root);
    expect(takenOver(fleet)).toEqual({
      root,
      hosts: { crown: ["nixosConfigurations", "crown"] },
      homes: { "me@crown": ["homeConfigurations", "me@crown"] },
      images: {
        web: {
          rootfs: ["nixosConfigurations", "web", "config", "system", "build", "tarball"],
          metadata: ["packages", "x86_64-linux", "webMetadata"],
        },
      },
      shells: { default: "default" },
      machines: { crown: ["nixosConfigurations", "crown"], web: ["nixosConfigurations", "web"] },
      isMixed: false,
    });
    expect(synthFlake(fleet)).toEqual(new Map());
  });

  test("has the inputs of its lock", async () => {
    const { inputs } = await loadFleet(withFleet(keys, { "flake.lock": lock }));
    expect(inputs).toEqual({
      nixpkgs: { kind: "url", url: "github:nixos/nixpkgs/nixos-26.05", follows: {}, flake: true },
      old: { kind: "url", url: "git+https://example.org/old", follows: {}, flake: false },
      followed: { kind: "url", url: "", follows: {}, flake: true },
    });
    expect((await loadFleet(withFleet(keys))).inputs).toEqual({});
  });

  test("with TypeScript beside it has one file of outputs more, whose paths begin in its folder", async () => {
    const more = `hosts: { opal: host({ imports: [nix.path("./modules/a.nix")] }) },
  packages: ({ pkgs }) => ({ tool: pkgs.callPackage(nix.path("./pkgs/tool.nix"), {}) }),
  containers: { box: container({}, {}) },
  shells: { mine: shell(({ pkgs }) => ({ packages: [pkgs.jq] })), theirs: shell({ from: "x" }) },`;
    const files = { "flake.lock": lock, "modules/a.nix": "{ }", "pkgs/tool.nix": "{ }" };
    const written = synthFlake(await loadFleet(withFleet(`flake: "flake.nix", ${more}`, files)));
    expect([...written.keys()]).toEqual([
      "nix/containers/box.nix",
      "nix/fleet.nix",
      "nix/hosts/opal.nix",
      "nix/image-metadata.nix",
      "nix/sharing.nix",
    ]);
    const text = written.get(fleetFile) ?? "";
    expect(text).toMatch(
      /^# Written by floe from floe\.config\.ts; .*\n# .*\n# {3}nixosConfigurations = .*\ninputs:\n/,
    );
    for (const path of ["./hosts/opal.nix", "./containers/box.nix", "./sharing.nix", "../pkgs/tool.nix"])
      expect(text).toContain(path);
    expect(text).toMatch(/mine = pkgs\.mkShell/);
    expect(text).not.toMatch(/theirs|description/);
    expect(written.get("nix/hosts/opal.nix")).toContain("../../modules/a.nix");
  });
});

describe("what is wrong is said, with its place", () => {
  test.each([
    ["another file", 'flake: "../flake.nix"', {}, /must be "\.\/flake\.nix"/],
    ["no flake", 'flake: "./flake.nix"', { "flake.nix": undefined }, /Cannot find "\.\/flake\.nix"/],
    [
      "floe's own flake",
      'flake: "./flake.nix"',
      { "flake.nix": '# Written by floe from floe.config.ts; edit that file and run "floe synth".\n{ }\n' },
      /names a flake that floe itself wrote/,
    ],
    ["inputs", 'flake: "./flake.nix", inputs: {}', {}, /"inputs" .*cannot be given beside "flake"\nhint: .*flake\.nix/],
    ["from alone", 'inputs: {}, hosts: { a: host({ from: "x" }) }', {}, /comes from a flake, and the fleet names none/],
    [
      "shell alone",
      'inputs: {}, shells: { a: shell({ from: "x" }) }',
      {},
      /comes from a flake, and the fleet names none/,
    ],
    [
      "a path",
      'flake: "./flake.nix", hosts: { a: host({ from: "a..b" }) }',
      {},
      /must be a path of attributes .*"a\.\.b"/,
    ],
    ["both", 'flake: "./flake.nix", hosts: { a: host({ from: "a" }, {}) }', {}, /has both a module and "from"/],
    [
      "keys of modules",
      'flake: "./flake.nix", hosts: { a: host({ from: "a", specialArgs: { b: 1 } }) }',
      {},
      /Key "specialArgs" of host "a" is for what is described in TypeScript/,
    ],
    [
      "half an image",
      'flake: "./flake.nix", containers: { a: container({ from: { rootfs: "a" }, instances: {} }) }',
      {},
      /Missing key "from\.metadata" of container "a"/,
    ],
    [
      "in place",
      `flake: "./flake.nix", containers: { a: container({ from: { rootfs: "a", metadata: "b" }, instances: { a: { update: "in-place" } } }) }`,
      {},
      /Instance "a" cannot be updated in place: its image comes from the existing flake/,
    ],
    [
      "no nixpkgs",
      'flake: "./flake.nix", hosts: { a: host({}) }',
      { "flake.lock": '{"nodes":{"root":{}},"root":"root","version":7}' },
      /has no input "nixpkgs"\nhint: .*flake\.nix/,
    ],
    [
      "nightly",
      'flake: "./flake.nix", hosts: { a: host({ from: "a" }) }, nightly: { host: "a", folder: "/a" }',
      {},
      /which floe does not write/,
    ],
    [
      "a name",
      'flake: "./flake.nix", shells: { "a b": shell({ from: "a" }) }',
      {},
      /Name "a b" of a dev shell must be letters/,
    ],
    [
      "no shell",
      'flake: "./flake.nix", shells: { a: host({}) }',
      {},
      /"a" in "shells" must be a dev shell, not a host/,
    ],
  ])("%s", async (_, keys, files, message) => {
    const given = { "flake.nix": flakeNix, ...files };
    const texts = Object.fromEntries(
      Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const root = project({
      "floe.config.ts": `import { container, fleet, host, shell } from "floe";\nexport default fleet({ name: "test", ${keys} });\n`,
      ...texts,
    });
    const told = await complaint(root);
    expect(told).toMatch(message);
    expect(told).toMatch(/floe\.config\.ts:2:\d+/);
  });
});
