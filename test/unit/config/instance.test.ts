import { expect, test } from "vitest";
import type { InstanceSpec } from "../../../src/authoring/definitions.ts";
import { loadFleet } from "../../../src/config/load.ts";
import { oneInstance, withInstance, withSpec } from "./project.ts";

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
  description: "Photos",
  tags: ["media", "v1.2"],
  autostart: false,
  profiles: [],
  network: { bridge: "br1", address: "192.168.6.93/24", gateway: "192.168.6.5", mac: "10:66:6A:00:00:01" },
  mounts: { "/var/lib/photos/": "/mnt/store//photos/", "/srv": { source: "/srv", shift: false, readonly: true } },
  volumes: {
    "/var/lib/postgresql": { pool: "tank", name: "photos-db", existing: true, shared: true },
    "/cache": "photos-cache",
  },
  ports: { 2283: 2283, "0.0.0.0:53/udp": 53, "[::1]:8080": "10.0.0.2:80", "443/tcp": "8443" },
  gpu: { vendor: "10DE", product: "2d04", pci: "0000:01:00.0" },
  config: { "security.nesting": true, "limits.cpu": 2, "limits.memory": "2GiB" },
  devices: { kvm: { type: "unix-char", path: "/dev/kvm", required: false, gid: 104 } },
  cloudInit: { userData: { packages: ["htop"] }, vendorData: "#!/bin/sh\n", networkConfig: { version: 2 } },
  health: [
    { http: "http://127.0.0.1:2283/ping", status: 200, body: "pong", within: "90s", interval: "1s" },
    { tcp: "[::1]:5432", within: 5000 },
    { exec: ["pg_isready", "-q"], within: "200ms" },
  ],
  update: "swap",
  keep: 3,
} satisfies Required<InstanceSpec>;

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
      "cloudInit": {
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
        "limits.memory": "2GiB",
        "security.nesting": "true",
      },
      "container": "web",
      "description": "Photos",
      "devices": {
        "kvm": {
          "gid": "104",
          "path": "/dev/kvm",
          "required": "false",
          "type": "unix-char",
        },
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
          "withinMs": 200,
        },
      ],
      "keep": 3,
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
      "server": "crown",
      "tags": [
        "media",
        "v1.2",
      ],
      "update": "swap",
      "volumes": {
        "/cache": {
          "existing": false,
          "name": "photos-cache",
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
