import { describe, expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { complaint, project } from "./project.ts";

const fleetWith = (keys: string): string => `import { dir, fleet } from "floe";

export default fleet({
  inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" },
  hosts: dir("./hosts"),
  ${keys}
});
`;
const hostFile = (spec: string): string =>
  `import { host } from "floe";\n\nexport default host({\n  ${spec}\n}, {});\n`;
const withHost = (spec: string, others: Readonly<Record<string, string>> = {}): string =>
  project({
    "floe.config.ts": fleetWith(""),
    "hosts/crown.ts": hostFile(spec),
    ...Object.fromEntries(Object.entries(others).map(([name, text]) => [`hosts/${name}.ts`, hostFile(text)])),
  });
const withFleet = (keys: string): string =>
  project({ "floe.config.ts": fleetWith(keys), "hosts/crown.ts": hostFile("") });

test("a host says how it is switched", async () => {
  const spec = `system: "x86_64-linux", target: "me@crown.lan", elevation: "doas", build: "target", substitute: false,
  dependsOn: ["atlas"], confirm: "2m", keep: 5, health: [{ systemd: true }]`;
  const fleet = await loadFleet(withHost(spec, { atlas: "" }));
  expect(fleet.hosts["crown"]).toMatchObject({
    target: "me@crown.lan",
    elevation: "doas",
    build: "target",
    substitute: false,
    dependsOn: ["atlas"],
    confirmMs: 120_000,
    keep: 5,
  });
  expect(fleet.hosts["atlas"]).not.toHaveProperty("confirmMs");
});

test("a fleet says how hosts are rolled out, who builds, and where results go", async () => {
  const fleet = await loadFleet(
    withFleet(`rollout: { canary: true, parallel: 3 },
  builders: [{ host: "ssh-ng://nix@build.lan", systems: ["aarch64-linux"], maxJobs: 4, features: ["kvm"], key: "/root/key" }],
  caches: { push: [{ url: "file:///srv/cache", key: "/root/cache.key" }, { url: "s3://bucket?region=eu-west-1" }] },`),
  );
  expect(fleet.rollout).toEqual({ canary: true, parallel: 3 });
  expect(fleet.builders).toEqual([
    {
      host: "ssh-ng://nix@build.lan",
      systems: ["aarch64-linux"],
      maxJobs: 4,
      speed: 1,
      features: ["kvm"],
      mandatoryFeatures: [],
      key: "/root/key",
    },
  ]);
  expect(fleet.pushTo).toEqual([
    { url: "file:///srv/cache", key: "/root/cache.key" },
    { url: "s3://bucket?region=eu-west-1" },
  ]);
});

describe("a host that cannot be", () => {
  test.each([
    ["an elevation that is not there", 'elevation: "su"'],
    ["a place to build that is not there", 'build: "elsewhere"'],
    ["a confirmation that comes too soon", 'confirm: "1s"'],
    ["a confirmation without a unit", 'confirm: "30"'],
    ["keep below 1", "keep: 0"],
    ["a dependency that is not there", 'dependsOn: ["atals"]'],
    ["a dependency on itself", 'dependsOn: ["crown"]'],
    ["a check that is for instances", "health: [{ ready: true }]"],
    ["a check that a server asks", 'health: [{ tcp: "10.0.0.1:22", from: "server" }]'],
    ["an instance in too deep a path", 'target: "incus:local/a/b/c"'],
    ["an instance of a server that is not there", 'target: "incus:lcoal/a"'],
  ])("%s", async (_, spec) => {
    expect(await complaint(withHost(spec, { atlas: "" }))).toMatchSnapshot();
  });

  test("hosts that wait for each other", async () => {
    const root = withHost('dependsOn: ["atlas"]', { atlas: 'dependsOn: ["crown"]' });
    expect(await complaint(root)).toMatchSnapshot();
  });
});

describe("a fleet that cannot be", () => {
  test.each([
    ["a builder that is no store", 'builders: [{ host: "build.lan" }],'],
    ["a builder whose key has a blank", 'builders: [{ host: "ssh-ng://a", key: "/a b" }],'],
    ["a builder with a key that is none", 'builders: [{ host: "ssh-ng://a", hostKey: "ssh-ed25519 AAAA" }],'],
    ["a cache that cannot be written", 'caches: { push: [{ url: "https://cache.lan" }] },'],
    ["a cache with a key by a relative path", 'caches: { push: [{ url: "file:///x", key: "key" }] },'],
    ["an unknown key of caches", "caches: { pull: [] },"],
    ["a rollout of none at a time", "rollout: { parallel: 0 },"],
  ])("%s", async (_, keys) => {
    expect(await complaint(withFleet(keys))).toMatchSnapshot();
  });
});
