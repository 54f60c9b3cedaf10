import { describe, expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { complaint, containerFile, withInstance, withSpec } from "./project.ts";

const cases: readonly (readonly [what: string, keys: string])[] = [
  ["an unknown key", "prots: { 8081: 80 }"],
  ["an unknown key that is near none", "zzzzzz: 1"],
  ["text for a flag", 'autostart: "yes"'],
  ["an object for a list", "profiles: {}"],
  ["a number in a list of text", 'tags: ["a", 5]'],
  ["a list for an object", "config: []"],
  ["an object for a config value", 'config: { "limits.cpu": {} }'],
  ["an unknown server", 'server: "crwon"'],
  ["a server that is near none", 'server: "elsewhere"'],
  ["a server that is no text", "server: 5"],
  ["a project with a slash", 'project: "a/b"'],
  ["an update strategy that is not there", 'update: "blue-green"'],
  ["keep below 1", "keep: 0"],
  ["a type that is not there", 'type: "vm"'],
  ["a virtual machine of an image that floe builds", 'type: "virtual-machine"'],
  ["a member with a slash", 'member: "a/b"'],
  ["a root disk without its pool", 'root: { size: "20GiB" }'],
  ["a size without a unit that there is", 'root: { pool: "default", size: "20 gigs" }'],
  [
    "a root disk said twice",
    'root: { pool: "default" }, devices: { disk: { type: "disk", path: "/", pool: "default" } }',
  ],
  ["a secret by a relative path", 'secrets: { "/run/key": "key" }'],
  ["a secret and a mount at one path", 'mounts: { "/key": "/a" }, secrets: { "/key": "/b" }'],
  ["a variable whose name is none", 'environment: { "MY-VAR": "x" }'],
  ["a variable that is an object", "environment: { A: {} }"],
  ["a USB device without ids", "usb: [{}]"],
  ["a USB id of the wrong form", 'usb: [{ vendor: "bda" }]'],
  ["a character device with a mode that is none", 'charDevices: { "/dev/x": { mode: "rw" } }'],
  ["a character device and a volume at one path", 'volumes: { "/x": "data" }, charDevices: { "/x": "/dev/null" }'],
  ["a limit said twice", 'limits: { cpu: 1 }, config: { "limits.cpu": 2 }'],
  ["a limit that is a list", "limits: { cpu: [1] }"],
  ["a boot delay of half a second", 'boot: { delay: "500ms" }'],
  ["a boot priority below 0", "boot: { priority: -1 }"],
  ["a schedule that is none", 'snapshots: "daily"'],
  ["an expiry that is none", 'snapshots: { schedule: "@daily", expiry: "2 weeks" }'],
  ["a dependency that is not there", 'dependsOn: ["web-2"]'],
  ["a dependency on itself", 'dependsOn: ["web-1"]'],
  ["an existing volume with a size", 'volumes: { "/data": { name: "data", existing: true, size: "1GiB" } }'],
  [
    "a volume whose size is said twice",
    'volumes: { "/data": { name: "data", size: "1GiB", config: { size: "2GiB" } } }',
  ],
  ["a seed channel that is not there", 'cloudInit: { channel: "usb" }'],
  ["a seed folder without its channel", 'cloudInit: { folder: "/srv/seed" }'],
  ["a seed folder and documents", 'cloudInit: { channel: "nocloud", folder: "/srv/seed", userData: "x" }'],
  ["a health check without a kind", "health: [{ within: 5 }]"],
  ["a systemd check that is false", "health: [{ systemd: false }]"],
  ["a ready check that is text", 'health: [{ ready: "yes" }]'],
  ["a check with no passes", "health: [{ ready: true, passes: 0 }]"],
  ["a check inside that asks from the server", 'health: [{ exec: ["true"], from: "server" }]'],
  ["a check that asks from nowhere", 'health: [{ tcp: "10.0.0.1:22", from: "there" }]'],
  ["a relative mount path", 'mounts: { "var/lib/x": "/srv/x" }'],
  ["a mount on the root", 'mounts: { "/": "/srv/x" }'],
  ["a mount path with ..", 'mounts: { "/var/../etc": "/srv/x" }'],
  ["a relative mount source", 'mounts: { "/var/lib/x": "./x" }'],
  ["a mount without a source", 'mounts: { "/var/lib/x": { shift: false } }'],
  ["a misspelt key of a mount", 'mounts: { "/var/lib/x": { sorce: "/x", source: "/x" } }'],
  ["a mount that is a number", 'mounts: { "/var/lib/x": 5 }'],
  ["a mount and a volume at one path", 'mounts: { "/data": "/srv" }, volumes: { "/data/": "web-data" }'],
  [
    "a mount and a disk device at one path",
    'mounts: { "/data": "/srv" }, devices: { data: { type: "disk", path: "/data", source: "/x" } }',
  ],
  ["a volume name with a slash", 'volumes: { "/data": "default/web" }'],
  ["a volume without a name", 'volumes: { "/data": { pool: "default" } }'],
  ["a volume attached twice", 'volumes: { "/a": "web-data", "/b": "web-data" }'],
  ["a port that is none", "ports: { 70000: 80 }"],
  ["a host name to listen on", 'ports: { "crown:80": 80 }'],
  ["a protocol that is not there", 'ports: { "53/sctp": 53 }'],
  ["a container port that is none", 'ports: { 8081: "http" }'],
  ["a container port of the wrong type", "ports: { 8081: true }"],
  ["a port listened to twice", 'ports: { 8081: 80, "127.0.0.1:8081": 81 }'],
  ["a port that meets the same on every address", 'ports: { "0.0.0.0:8081": 80, 8081: 81 }'],
  [
    "a port that meets a proxy device",
    'ports: { 8081: 80 }, devices: { p: { type: "proxy", listen: "tcp:0.0.0.0:8081", connect: "tcp:127.0.0.1:1" } }',
  ],
  ["a network with neither bridge nor network", 'network: { address: "10.0.0.2/24" }'],
  ["a network with both", 'network: { bridge: "br0", network: "incusbr0" }'],
  ["an address without its prefix length", 'network: { bridge: "br0", address: "10.0.0.2" }'],
  ["a gateway alone", 'network: { bridge: "br0", gateway: "10.0.0.1" }'],
  ["a MAC address of the wrong form", 'network: { bridge: "br0", mac: "10:66:6a" }'],
  ["a GPU id of the wrong form", 'gpu: { vendor: "0x10de" }'],
  ["a reserved device name", 'devices: { "floe-port-1": { type: "none" } }'],
  ["a device that the network makes", 'network: { bridge: "br0" }, devices: { eth0: { type: "nic" } }'],
  ["a device without a type", 'devices: { kvm: { path: "/dev/kvm" } }'],
  ["a device that is text", 'devices: { kvm: "/dev/kvm" }'],
  ["autostart as a config key", 'config: { "boot.autostart": true }'],
  ["a label of floe's", 'config: { "user.floe.fleet": "x" }'],
  ["a volatile key", 'config: { "volatile.eth0.hwaddr": "x" }'],
  ["cloud-init as a config key", 'config: { "user.user-data": "x" }'],
  ["cloud-init data that is a number", "cloudInit: { userData: 5 }"],
  ["cloud-init data with a function", "cloudInit: { userData: { a: () => 1 } }"],
  ["a misspelt key of cloudInit", 'cloudInit: { userdata: "x" }'],
  ["a relative health URL", 'health: [{ http: "/ping" }]'],
  ["a health check of no kind", 'health: [{ within: "5s" }]'],
  ["a health check of two kinds", 'health: [{ http: "http://x/", tcp: "x:1" }]'],
  ["a second health check that is wrong", 'health: [{ tcp: "x:1" }, { tcp: "x" }]'],
  ["a status for a TCP check", 'health: [{ tcp: "x:1", status: 200 }]'],
  ["an empty command", "health: [{ exec: [] }]"],
  ["a command as text", 'health: [{ exec: "true" }]'],
  ["a bad duration", 'health: [{ tcp: "x:1", within: "5 minutes" }]'],
  ["a duration of nothing", 'health: [{ tcp: "x:1", within: 0 }]'],
  ["an interval longer than the deadline", 'health: [{ tcp: "x:1", within: "1s", interval: "2s" }]'],
];

describe("bad keys of an instance", () => {
  test.each(cases)("%s", async (_, keys) => {
    expect(await complaint(withInstance(keys))).toMatchSnapshot();
  });
});

test("one of two instances of an image that is updated in place", async () => {
  expect(
    await complaint(withSpec('{ instances: { "web-1": { update: "in-place" }, "web-2": {} } }')),
  ).toMatchInlineSnapshot(`
    "containers/web.ts:3:74
    Instance "web-2" and instance "web-1" cannot be made from one image: only one of them is updated in place
    hint: Update all instances of a container in place, or none
      1 | import { container } from "floe";
      2 |
    > 3 | export default container({ instances: { "web-1": { update: "in-place" }, "web-2": {} } }, {});
        |                                                                          ^"
  `);
});

test("an instance that is no object", async () => {
  expect(await complaint(withSpec('{ instances: { "web-1": "yes" } }'))).toMatchInlineSnapshot(`
    "containers/web.ts:3:41
    Instance "web-1" must be an object, not "yes"
      1 | import { container } from "floe";
      2 |
    > 3 | export default container({ instances: { "web-1": "yes" } }, {});
        |                                         ^"
  `);
});

test("instances that are a list", async () => {
  expect(await complaint(withSpec("{ instances: [] }"))).toMatchInlineSnapshot(`
    "containers/web.ts:3:28
    Key "instances" of container "web" must be an object, not a list
      1 | import { container } from "floe";
      2 |
    > 3 | export default container({ instances: [] }, {});
        |                            ^"
  `);
});

test("a bad system and a misspelt key of a container", async () => {
  expect(await complaint(withSpec('{ system: "x86_64", instnaces: {} }'))).toMatchInlineSnapshot(`
    "The project has 2 problems:
      containers/web.ts:3:28: Key "system" of container "web" must be a Nix system such as "x86_64-linux", not "x86_64"
      containers/web.ts:3:46: Unknown key "instnaces" of container "web"; did you mean "instances"?"
  `);
});

test.each(["1web", "-web", "web_1", "web-", `w${"e".repeat(54)}`])("the instance name %j is refused", async (name) => {
  const root = withSpec(`{ instances: { "${name}": {} } }`);
  expect(await complaint(root)).toContain(
    `Name "${name}" of an instance must be 1 to 54 letters, digits and hyphens that begin with a letter and do not end with a hyphen`,
  );
});

test("a server must be named when there are several and none is local", async () => {
  const root = withInstance("", {
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({
  inputs: { nixpkgs: "nixpkgs" },
  incus: { a: { url: "https://a:8443" }, b: { socket: "/run/b.socket" } },
  containers: dir("./containers"),
});`,
  });
  expect(await complaint(root)).toMatchInlineSnapshot(`
    "containers/web.ts:5:5
    Instance "web-1" must name its server
    hint: Servers of this fleet: "a", "b"
      3 | export default container({
      4 |   instances: {
    > 5 |     "web-1": {  },
        |     ^
      6 |   },
      7 | }, {});"
  `);
});

describe("instances that meet", () => {
  const two = (a: string, b: string) =>
    withSpec(`{ instances: { one: { ${a} } } }`, {
      "containers/zoo.ts": containerFile(`{\n  instances: {\n    two: { ${b} },\n  },\n}`),
    });

  test("a port of one server is listened to by two instances", async () => {
    expect(await complaint(two("ports: { 8081: 80 }", 'project: "other", ports: { 8081: 80 }'))).toMatchInlineSnapshot(`
      "containers/zoo.ts:5:30
      Instance "two" listens on "tcp:127.0.0.1:8081" of server "local", as instance "one" does
        3 | export default container({
        4 |   instances: {
      > 5 |     two: { project: "other", ports: { 8081: 80 } },
          |                              ^
        6 |   },
        7 | }, {});"
    `);
  });

  test("the same port on two servers, and UDP beside TCP, is fine", async () => {
    expect(await loadFleet(two("ports: { 53: 53 }", 'server: "crown", ports: { 53: 53 }'))).toBeDefined();
    expect(await loadFleet(two("ports: { 53: 53 }", 'ports: { "53/udp": 53, "127.0.0.2:53": 53 }'))).toBeDefined();
  });

  test("a volume is attached by two instances", async () => {
    expect(
      await complaint(two('volumes: { "/data": "data" }', 'volumes: { "/data": { name: "data", shared: true } }')),
    ).toMatchInlineSnapshot(`
      "containers/zoo.ts:5:23
      Volume "data" is attached by instance "two" and by instance "one"
      hint: If they can share it, say \`shared: true\` at each: { name: "...", shared: true }
        3 | export default container({
        4 |   instances: {
      > 5 |     two: { volumes: { "/data": { name: "data", shared: true } } },
          |                       ^
        6 |   },
        7 | }, {});"
    `);
  });

  test("a volume that both share, or that is another project's or pool's, is fine", async () => {
    const shared = 'volumes: { "/data": { name: "data", shared: true } }';
    expect(await loadFleet(two(shared, shared))).toBeDefined();
    expect(
      await loadFleet(two('volumes: { "/data": "data" }', 'project: "p", volumes: { "/data": "data" }')),
    ).toBeDefined();
    expect(
      await loadFleet(two('volumes: { "/data": "data" }', 'volumes: { "/data": { name: "data", pool: "b" } }')),
    ).toBeDefined();
  });

  test("two containers have an instance of one name", async () => {
    const root = withSpec("{ instances: { one: {} } }", {
      "containers/zoo.ts": containerFile("{ instances: { one: {} } }"),
    });
    expect(await complaint(root)).toMatchInlineSnapshot(`
      "containers/zoo.ts:3:41
      The name "one" is taken by an instance of container "web" already
      hint: Both are on server "local" in project "default"
        1 | import { container } from "floe";
        2 |
      > 3 | export default container({ instances: { one: {} } }, {});
          |                                         ^"
    `);
  });

  test("a name that a swap of another would make", async () => {
    expect(await complaint(withSpec("{ instances: {\n  web: {},\n  'web-previous': {},\n} }"))).toMatchInlineSnapshot(`
      "containers/web.ts:5:3
      The name "web-previous" is one that floe uses while it replaces instance "web"
      hint: Give it another name
        3 | export default container({ instances: {
        4 |   web: {},
      > 5 |   'web-previous': {},
          |   ^
        6 | } }, {});"
    `);
  });
});
