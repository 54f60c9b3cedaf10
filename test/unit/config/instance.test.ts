import { expect, test } from "vitest";
import type { InstanceSpec } from "../../../src/authoring/definitions.ts";
import { loadFleet } from "../../../src/config/load.ts";
import { containerFile, oneInstance, withInstance, withSpec } from "./project.ts";

test("an instance without keys gets every default", async () => {
  expect(oneInstance(await loadFleet(withInstance("")))).toEqual({
    name: "web-1",
    container: "web",
    server: "local",
    project: "default",
    description: "",
    tags: [],
    autostart: true,
    profiles: ["default"],
    mounts: {},
    volumes: {},
    ports: [],
    config: {},
    devices: {},
    health: [],
    update: "swap",
    keep: 2,
  });
});

/** Every key there is: `satisfies` demands each that the type has, the reader refuses each that it does not know. */
const full = {
  server: "crown",
  project: "media",
  member: "@gpu",
  type: "container",
  description: "Photos",
  tags: ["media", "v1.2"],
  autostart: false,
  boot: { priority: 10, delay: "30s", shutdownTimeout: "2m" },
  profiles: [],
  network: { bridge: "br1", address: "192.168.6.93/24", gateway: "192.168.6.5", mac: "10:66:6A:00:00:01" },
  root: { pool: "tank", size: "20GiB" },
  mounts: { "/var/lib/photos/": "/mnt/store//photos/", "/srv": { source: "/srv", shift: false, readonly: true } },
  volumes: {
    "/var/lib/postgresql": { pool: "tank", name: "photos-db", existing: true, shared: true },
    "/cache": "photos-cache",
    "/new": { name: "photos-new", size: "10GiB", config: { "security.shifted": true } },
  },
  secrets: { "/run/secrets/db": "/srv/secrets/db" },
  environment: { TZ: "Europe/Berlin", WORKERS: 4 },
  ports: { 2283: 2283, "0.0.0.0:53/udp": 53, "[::1]:8080": "10.0.0.2:80", "443/tcp": "8443" },
  gpu: { vendor: "10DE", product: "2d04", pci: "0000:01:00.0" },
  usb: [{ vendor: "0BDA", product: "2838", required: true }, { serial: "A50285BI" }],
  charDevices: {
    "/dev/net/tun": "/dev/net/tun",
    "/dev/zigbee": { source: "/dev/ttyUSB0", gid: 27, mode: "0660" },
    "/dev/fuse": {},
  },
  limits: { cpu: 2, memory: "2GiB", disk: { priority: 5 } },
  snapshots: { schedule: "0 3 * * *", expiry: "2w", pattern: "auto-%d" },
  config: { "security.nesting": true },
  devices: { kvm: { type: "unix-char", path: "/dev/kvm", required: false, gid: 104 } },
  cloudInit: {
    channel: "nocloud",
    userData: { packages: ["htop"] },
    vendorData: "#!/bin/sh\n",
    networkConfig: { version: 2 },
  },
  dependsOn: [],
  health: [
    { http: "http://127.0.0.1:2283/ping", status: 200, body: "pong", within: "90s", interval: "1s" },
    { tcp: "[::1]:5432", within: 5000 },
    { exec: ["pg_isready", "-q"], within: "200ms", passes: 3 },
    { tcp: "10.0.0.2:22", from: "server" },
    { systemd: true },
    { systemd: { allowDegraded: true } },
    { ready: true },
  ],
  update: "swap-warm",
  keep: 3,
} satisfies Required<Omit<InstanceSpec, "cloudInit">> & Pick<InstanceSpec, "cloudInit">;

test("an instance with every key is normalised", async () => {
  const root = withSpec(`{ system: "aarch64-linux", tags: ["lab"], instances: { photos: ${JSON.stringify(full)} } }`);
  const fleet = await loadFleet(root);
  expect(fleet.containers["web"]).toMatchObject({
    name: "web",
    system: "aarch64-linux",
    tags: ["lab"],
    source: { file: "containers/web.ts", line: 3 },
  });
  expect(oneInstance(fleet)).toMatchInlineSnapshot(`
    {
      "autostart": false,
      "boot": {
        "delay": 30,
        "priority": 10,
        "shutdownTimeout": 120,
      },
      "charDevices": {
        "/dev/fuse": {
          "source": "/dev/fuse",
        },
        "/dev/net/tun": {
          "source": "/dev/net/tun",
        },
        "/dev/zigbee": {
          "gid": 27,
          "mode": "0660",
          "source": "/dev/ttyUSB0",
        },
      },
      "cloudInit": {
        "channel": "nocloud",
        "networkConfig": "{
      "version": 2
    }
    ",
        "userData": "#cloud-config
    {
      "packages": [
        "htop"
      ]
    }
    ",
        "vendorData": "#!/bin/sh
    ",
      },
      "config": {
        "limits.cpu": "2",
        "limits.disk.priority": "5",
        "limits.memory": "2GiB",
        "security.nesting": "true",
      },
      "container": "web",
      "dependsOn": [],
      "description": "Photos",
      "devices": {
        "kvm": {
          "gid": "104",
          "path": "/dev/kvm",
          "required": "false",
          "type": "unix-char",
        },
      },
      "environment": {
        "TZ": "Europe/Berlin",
        "WORKERS": "4",
      },
      "gpu": {
        "pci": "0000:01:00.0",
        "product": "2d04",
        "vendor": "10de",
      },
      "health": [
        {
          "body": "pong",
          "intervalMs": 1000,
          "kind": "http",
          "status": 200,
          "url": "http://127.0.0.1:2283/ping",
          "withinMs": 90000,
        },
        {
          "address": "::1",
          "intervalMs": 250,
          "kind": "tcp",
          "port": 5432,
          "withinMs": 5000,
        },
        {
          "command": [
            "pg_isready",
            "-q",
          ],
          "intervalMs": 200,
          "kind": "exec",
          "passes": 3,
          "withinMs": 200,
        },
        {
          "address": "10.0.0.2",
          "from": "server",
          "intervalMs": 250,
          "kind": "tcp",
          "port": 22,
          "withinMs": 60000,
        },
        {
          "allowDegraded": false,
          "intervalMs": 250,
          "kind": "systemd",
          "withinMs": 60000,
        },
        {
          "allowDegraded": true,
          "intervalMs": 250,
          "kind": "systemd",
          "withinMs": 60000,
        },
        {
          "intervalMs": 250,
          "kind": "ready",
          "withinMs": 60000,
        },
      ],
      "keep": 3,
      "member": "@gpu",
      "mounts": {
        "/srv": {
          "readonly": true,
          "shift": false,
          "source": "/srv",
        },
        "/var/lib/photos": {
          "readonly": false,
          "shift": true,
          "source": "/mnt/store/photos",
        },
      },
      "name": "photos",
      "network": {
        "address": "192.168.6.93/24",
        "bridge": "br1",
        "gateway": "192.168.6.5",
        "mac": "10:66:6a:00:00:01",
      },
      "ports": [
        {
          "connect": "tcp:127.0.0.1:2283",
          "listen": "tcp:127.0.0.1:2283",
        },
        {
          "connect": "udp:127.0.0.1:53",
          "listen": "udp:0.0.0.0:53",
        },
        {
          "connect": "tcp:10.0.0.2:80",
          "listen": "tcp:[::1]:8080",
        },
        {
          "connect": "tcp:127.0.0.1:8443",
          "listen": "tcp:127.0.0.1:443",
        },
      ],
      "profiles": [],
      "project": "media",
      "root": {
        "pool": "tank",
        "size": "20GiB",
      },
      "secrets": {
        "/run/secrets/db": "/srv/secrets/db",
      },
      "server": "crown",
      "snapshots": {
        "expiry": "2w",
        "pattern": "auto-%d",
        "schedule": "0 3 * * *",
      },
      "tags": [
        "media",
        "v1.2",
      ],
      "update": "swap-warm",
      "usb": [
        {
          "product": "2838",
          "required": true,
          "vendor": "0bda",
        },
        {
          "required": false,
          "serial": "A50285BI",
        },
      ],
      "volumes": {
        "/cache": {
          "existing": false,
          "name": "photos-cache",
          "pool": "default",
        },
        "/new": {
          "config": {
            "security.shifted": "true",
            "size": "10GiB",
          },
          "existing": false,
          "name": "photos-new",
          "pool": "default",
        },
        "/var/lib/postgresql": {
          "existing": true,
          "name": "photos-db",
          "pool": "tank",
        },
      },
    }
  `);
});

test("a seed folder of the server", async () => {
  const instance = oneInstance(
    await loadFleet(withInstance('cloudInit: { channel: "nocloud", folder: "/srv/seeds/web/" }')),
  );
  expect(instance.cloudInit).toEqual({ channel: "nocloud", folder: "/srv/seeds/web" });
});

test("a cloud-init document can be a file of the project", async () => {
  const spec = '{ instances: { "web-1": { cloudInit: { userData: nix.path("./seed/user.yaml") } } } }';
  const root = withSpec(spec, {
    "containers/web.ts": containerFile(spec).replace("{ container }", "{ container, nix }"),
    "containers/seed/user.yaml": "#cloud-config\nhostname: web\n",
  });
  expect(oneInstance(await loadFleet(root)).cloudInit).toEqual({ userData: "#cloud-config\nhostname: web\n" });
});

test("undefined values are absent keys", async () => {
  const instance = oneInstance(
    await loadFleet(
      withInstance("autostart: undefined, network: undefined, config: { a: undefined }, mounts: { '/x': undefined }"),
    ),
  );
  expect(instance).toMatchObject({ autostart: true, config: {}, mounts: {} });
  expect("network" in instance).toBe(false);
});

test("an instance runs on the only server there is", async () => {
  const root = withInstance("", {
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ inputs: { nixpkgs: "nixpkgs" }, incus: { crown: { url: "https://crown:8443" } }, containers: dir("containers") });`,
  });
  expect(oneInstance(await loadFleet(root)).server).toBe("crown");
});
