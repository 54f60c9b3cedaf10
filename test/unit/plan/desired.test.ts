import { describe, expect, test } from "vitest";
import { desiredInstance } from "../../../src/plan/desired.ts";
import { desired, image, instance } from "./world.ts";

describe("desiredInstance()", () => {
  test("turns everything an instance can say into Incus' own terms", () => {
    const { config, devices } = desired({
      autostart: false,
      network: { bridge: "br1", address: "192.168.6.93/24", gateway: "192.168.6.5", mac: "10:66:6a:00:00:01" },
      mounts: {
        "/var/lib/immich": { source: "/mnt/store/immich", shift: true, readonly: false },
        "/etc/keys": { source: "/srv/keys", shift: false, readonly: true },
      },
      volumes: { "/var/lib/postgresql": { pool: "fast", name: "immich-db", existing: false } },
      ports: [
        { listen: "tcp:127.0.0.1:2283", connect: "tcp:127.0.0.1:2283" },
        { listen: "udp:0.0.0.0:53", connect: "udp:127.0.0.1:53" },
      ],
      gpu: { vendor: "10de", product: "2d04" },
      config: { "security.nesting": "true" },
      devices: { tun: { type: "unix-char", path: "/dev/net/tun" } },
      cloudInit: { userData: "#cloud-config\n" },
    });
    expect({ config, devices }).toMatchInlineSnapshot(`
      {
        "config": {
          "boot.autostart": "false",
          "cloud-init.network-config": "{"version":2,"ethernets":{"eth0":{"addresses":["192.168.6.93/24"],"routes":[{"to":"default","via":"192.168.6.5"}]}}}",
          "cloud-init.user-data": "#cloud-config
      ",
          "security.nesting": "true",
        },
        "devices": {
          "eth0": {
            "hwaddr": "10:66:6a:00:00:01",
            "name": "eth0",
            "nictype": "bridged",
            "parent": "br1",
            "type": "nic",
          },
          "floe-etc-keys": {
            "path": "/etc/keys",
            "readonly": "true",
            "source": "/srv/keys",
            "type": "disk",
          },
          "floe-gpu": {
            "gputype": "physical",
            "productid": "2d04",
            "type": "gpu",
            "vendorid": "10de",
          },
          "floe-port-2283": {
            "connect": "tcp:127.0.0.1:2283",
            "listen": "tcp:127.0.0.1:2283",
            "type": "proxy",
          },
          "floe-port-53-udp": {
            "connect": "udp:127.0.0.1:53",
            "listen": "udp:0.0.0.0:53",
            "type": "proxy",
          },
          "floe-var-lib-immich": {
            "path": "/var/lib/immich",
            "shift": "true",
            "source": "/mnt/store/immich",
            "type": "disk",
          },
          "floe-var-lib-postgresql": {
            "path": "/var/lib/postgresql",
            "pool": "fast",
            "source": "immich-db",
            "type": "disk",
          },
          "tun": {
            "path": "/dev/net/tun",
            "type": "unix-char",
          },
        },
      }
    `);
  });

  test("says the rest of an instance in Incus' own terms, too", () => {
    const { config, devices, seed, type, member } = desired({
      type: "container",
      member: "@gpu",
      boot: { priority: 5, delay: 10, shutdownTimeout: 60 },
      root: { pool: "tank", size: "20GiB" },
      secrets: { "/run/secrets/db": "/srv/secrets/db" },
      environment: { TZ: "Europe/Berlin" },
      usb: [
        { vendor: "0bda", product: "2838", required: true },
        { serial: "A5/1", required: false },
      ],
      charDevices: { "/dev/zigbee": { source: "/dev/ttyUSB0", uid: 0, gid: 27, mode: "0660" } },
      snapshots: { schedule: "@daily", expiry: "2w", pattern: "auto-%d" },
      cloudInit: { channel: "nocloud", userData: "#cloud-config\n" },
      network: { bridge: "br0", address: "10.0.0.9/24" },
    });
    expect({ config, devices, seed, type, member }).toMatchSnapshot();
  });

  test("a seed folder of the server is mounted where cloud-init looks", () => {
    const { config, devices, seed } = desired({ cloudInit: { channel: "nocloud", folder: "/srv/seeds/web" } });
    expect(seed).toBeUndefined();
    expect(config).toEqual({ "boot.autostart": "true" });
    expect(Object.values(devices)).toEqual([
      { type: "disk", source: "/srv/seeds/web", path: "/var/lib/cloud/seed/nocloud", shift: "true", readonly: "true" },
    ]);
  });

  test("another seed is another hash", () => {
    const hash = (userData: string) => desired({ cloudInit: { channel: "nocloud", userData } }).config["user.nocloud"];
    expect(hash("a")).toBe(hash("a"));
    expect(hash("a")).not.toBe(hash("b"));
  });

  test("two USB devices that are described alike stay apart", () => {
    const usb = { vendor: "0bda", required: false };
    expect(Object.keys(desired({ usb: [usb, { ...usb }] }).devices)).toEqual(["floe-usb-0bda-1", "floe-usb-0bda-2"]);
  });

  test("an address on a managed network is a lease of that network", () => {
    expect(desired({ network: { network: "incusbr0", address: "10.0.0.9/24" } }).devices["eth0"]).toEqual({
      type: "nic",
      name: "eth0",
      network: "incusbr0",
      "ipv4.address": "10.0.0.9",
    });
    expect(desired({ network: { network: "incusbr0", address: "fd42::9/64" } }).devices["eth0"]).toMatchObject({
      "ipv6.address": "fd42::9",
    });
    expect(desired({ network: { network: "incusbr0", address: "10.0.0.9/24" } }).config).not.toHaveProperty(
      "cloud-init.network-config",
    );
  });

  test("device names tell the path, never meet a profile's root disk, and stay apart", () => {
    const mount = { source: "/srv/x", shift: true, readonly: false };
    const names = (...paths: string[]) =>
      Object.keys(desired({ mounts: Object.fromEntries(paths.map((path) => [path, mount])) }).devices);
    expect(names("/root")).toEqual(["floe-root"]);
    expect(names("/a/b", "/a-b")).toMatchInlineSnapshot(`
      [
        "floe-a-b-662b7b62",
        "floe-a-b-590bb8f6",
      ]
    `);
    expect(names(`/${"long/".repeat(20)}end`)[0]?.length).toBeLessThanOrEqual(64);
    const ports = desired({
      ports: ["127.0.0.1", "[::1]"].map((address) => ({ listen: `tcp:${address}:80`, connect: "tcp:127.0.0.1:80" })),
    });
    expect(Object.keys(ports.devices)).toMatchInlineSnapshot(`
      [
        "floe-port-80-on-127.0.0.1",
        "floe-port-80-on-___1_",
      ]
    `);
  });

  test.each([
    ["a key that autostart makes", { config: { "boot.autostart": "false" } }],
    [
      "the network's device",
      { network: { bridge: "br0" }, devices: { eth0: { type: "nic", nictype: "bridged", parent: "br9" } } },
    ],
    ["a variable given twice", { environment: { A: "1" }, config: { "environment.A": "2" } }],
    ["a schedule given twice", { snapshots: { schedule: "@daily" }, config: { "snapshots.schedule": "@weekly" } }],
    ["a priority given twice", { boot: { priority: 1 }, config: { "boot.autostart.priority": "2" } }],
    ["a root disk given twice", { root: { pool: "a" }, devices: { root: { type: "disk", path: "/", pool: "b" } } }],
    ["a seed given twice", { cloudInit: { userData: "a" }, config: { "cloud-init.user-data": "b" } }],
    ["labels", { config: { "user.floe.fleet": "mine", "volatile.uuid": "1", "image.os": "x" } }],
  ])("refuses %s", (_what, spec) => {
    expect(desiredInstance(instance(spec), image).problems.map(({ message }) => message)).toMatchSnapshot();
  });

  test("the same value said twice is no clash", () => {
    expect(desiredInstance(instance({ config: { "boot.autostart": "true" } }), image).problems).toEqual([]);
  });
});
