import { describe, expect, test } from "vitest";
import { additionsTo, countEntries } from "../../../src/adopt-flake/additions.ts";
import { attributePath } from "../../../src/adopt-flake/attribute-path.ts";
import { configText, containerFiles } from "../../../src/adopt-flake/config-text.ts";
import { withFloeNames } from "../../../src/adopt-flake/floe-names.ts";
import type { Found } from "../../../src/adopt-flake/found.ts";
import { lockedInputs } from "../../../src/adopt-flake/lock-file.ts";
import { lonelyMetadata, pairsIn } from "../../../src/adopt-flake/pairs.ts";
import { shortReason } from "../../../src/adopt-flake/why.ts";
import type { Fleet } from "../../../src/model/fleet.ts";

const nothing: Found = {
  system: "x86_64-linux",
  hosts: [],
  homes: [],
  containers: [],
  shells: [],
  packages: [],
  checks: [],
  hasFormatter: false,
  unclassified: [],
};
const host = (name: string, from = `nixosConfigurations.${name}`) => ({
  name,
  from,
  system: "x86_64-linux",
  homes: [],
});
const container = (name: string) => ({
  name,
  from: { rootfs: `packages.x86_64-linux.${name}`, metadata: `packages.x86_64-linux.${name}Metadata` },
  system: "x86_64-linux",
  form: "packages" as const,
});

describe("pairsIn()", () => {
  test.each([
    [["web", "webMetadata"], "web", "web", "webMetadata"],
    [["web", "web-metadata"], "web", "web", "web-metadata"],
    [["web", "web_metadata"], "web", "web", "web_metadata"],
    [["web-lxc", "web-lxc-metadata"], "web", "web-lxc", "web-lxc-metadata"],
    [["web-rootfs", "web-metadata"], "web", "web-rootfs", "web-metadata"],
    [["webImage", "webMetadata"], "web", "webImage", "webMetadata"],
    [["lxc", "lxc-metadata"], "lxc", "lxc", "lxc-metadata"],
  ])("%j", (names, name, rootfs, metadata) => {
    expect(pairsIn(names)).toEqual([{ name, rootfs, metadata }]);
    expect(lonelyMetadata(names)).toEqual([]);
  });

  test("keeps a long name where the short one is somebody else's", () => {
    const names = ["web", "web-lxc", "web-lxc-metadata"];
    expect(pairsIn(names).map(({ name }) => name)).toEqual(["web-lxc"]);
  });

  test("finds no pair where a half is missing", () => {
    expect(pairsIn(["web", "dbMetadata", "-metadata", "Metadata", "metadata"])).toEqual([]);
    expect(lonelyMetadata(["web", "dbMetadata"])).toEqual(["dbMetadata"]);
  });
});

test("attributePath() quotes what is no identifier", () => {
  expect(attributePath(["homeConfigurations", "me@crown"])).toBe('homeConfigurations."me@crown"');
  expect(attributePath(["a", "with", 'q"${x}'])).toBe('a."with"."q\\"\\${x}"');
});

describe("withFloeNames()", () => {
  test("gives names that floe takes, and tells what cannot have one", () => {
    const found = withFloeNames({
      ...nothing,
      hosts: [host("my_nas"), host("my-nas"), host("web.lan"), host("___")],
      homes: [{ ...host("me@web_1"), user: "me" }],
    });
    expect(found.hosts.map(({ name, note }) => [name, note])).toEqual([
      ["my-nas", undefined],
      ["web-lan", '"web.lan" in the flake'],
    ]);
    expect(found.homes.map(({ name }) => name)).toEqual(["me@web-1"]);
    expect(found.unclassified.map(({ path, reason }) => [path, reason])).toEqual([
      ["nixosConfigurations.my_nas", 'another is called "my-nas" already'],
      ["nixosConfigurations.___", "floe has no name like it"],
    ]);
  });
});

describe("configText()", () => {
  test("names everything in the form that the fleet takes", () => {
    const text = configText({
      ...nothing,
      description: 'my "systems"',
      hosts: [
        { ...host("crown"), target: "root@crown.lan" },
        { ...host("muffin-time"), note: "does not say\nits system" },
      ],
      homes: [{ ...host("me@crown", 'homeConfigurations."me@crown"'), user: "me" }],
      containers: [container("web")],
      shells: [{ name: "default" }],
    });
    expect(text).toBe(`import { container, fleet, home, host, shell } from "floe";

// What ./flake.nix has, by name. The flake stays as it is: floe reads it and never writes it.
export default fleet({
  description: 'my "systems"',
  flake: "./flake.nix",
  hosts: {
    crown: host({ from: "nixosConfigurations.crown", system: "x86_64-linux", target: "root@crown.lan" }),
    // does not say its system
    "muffin-time": host({ from: "nixosConfigurations.muffin-time", system: "x86_64-linux" }),
  },
  homes: {
    "me@crown": home({ from: 'homeConfigurations."me@crown"', system: "x86_64-linux", user: "me" }),
  },
  // \`instances\` says what runs in Incus: { web: { ports: { 8080: 80 } } }
  containers: {
    web: container({
      from: { rootfs: "packages.x86_64-linux.web", metadata: "packages.x86_64-linux.webMetadata" },
      system: "x86_64-linux",
      instances: {},
    }),
  },
  shells: {
    default: shell({ from: "default" }),
  },
});
`);
  });

  test("containers may have a file each", () => {
    const found = { ...nothing, containers: [{ ...container("web-1"), note: "why" }] };
    expect(configText(found, { inFiles: true })).toContain('import { dir, fleet } from "floe";\n');
    expect(configText(found, { inFiles: true })).toContain('\n  containers: dir("./containers"),\n});\n');
    expect([...containerFiles(found)]).toEqual([
      [
        "containers/web-1.ts",
        `import { container } from "floe";

// why
export default container({
  from: { rootfs: "packages.x86_64-linux.web-1", metadata: "packages.x86_64-linux.web-1Metadata" },
  system: "x86_64-linux",
  instances: {},
});
`,
      ],
    ]);
  });

  test("imports only what it uses", () => {
    expect(configText({ ...nothing, hosts: [host("crown")] })).toContain('import { fleet, host } from "floe";\n');
  });
});

test("additionsTo() leaves out what has its name or its place in the project", () => {
  const fleet = {
    hosts: { crown: {}, renamed: { from: ["nixosConfigurations", "other"] } },
    containers: {},
    shells: {},
  } as unknown as Fleet;
  const found = { ...nothing, hosts: [host("crown"), host("other"), host("nova")], containers: [container("web")] };
  const additions = additionsTo(fleet, found);
  expect(additions.hosts.map(({ name }) => name)).toEqual(["nova"]);
  expect(additions.containers.map(({ name }) => name)).toEqual(["web"]);
  expect(countEntries(additions)).toBe(2);
});

describe("lockedInputs()", () => {
  test("names inputs by the way to them, and their addresses as flake.nix may have them", () => {
    const inputs = lockedInputs(
      JSON.stringify({
        root: "root",
        nodes: {
          root: { inputs: { hm: "home-manager", pkgs: "nixpkgs_2", shared: ["hm", "nixpkgs"] } },
          "home-manager": {
            inputs: { nixpkgs: "nixpkgs" },
            original: { type: "github", owner: "nix-community", repo: "home-manager", ref: "master" },
          },
          nixpkgs: { original: { type: "git", url: "ssh://git@host/x" } },
          nixpkgs_2: { original: { type: "indirect", id: "nixpkgs" } },
        },
      }),
    );
    expect([...inputs.values()]).toEqual([
      { name: "hm", url: "github:nix-community/home-manager/master" },
      { name: "pkgs", url: "flake:nixpkgs" },
      { name: "hm/nixpkgs", url: "git+ssh://git@host/x" },
    ]);
    expect(inputs.get("nixpkgs")?.name).toBe("hm/nixpkgs");
  });

  test("a lock that is damaged or missing has none", () => {
    expect([lockedInputs("{").size, lockedInputs(undefined).size, lockedInputs("[]").size]).toEqual([0, 0, 0]);
  });
});

test("shortReason() keeps what says something", () => {
  expect(shortReason("unable to download 'https://x': Couldn't resolve host name (6)")).toBe(
    "cannot be downloaded: Couldn't resolve host name (6)",
  );
  expect(shortReason("\n  Failed assertions:\n  - no root\n")).toBe("Failed assertions: - no root");
  expect(shortReason("x".repeat(500))).toHaveLength(240);
  expect(shortReason("")).toBe("Nix gave no reason");
});
