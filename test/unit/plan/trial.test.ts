import { expect, test } from "vitest";
import { park, unpark } from "../../../src/plan/parking.ts";
import { checksInside, isolate, isWritten } from "../../../src/plan/trial.ts";

const root = { type: "disk", path: "/", pool: "default" };
const own = {
  eth0: { type: "nic", name: "net0", nictype: "bridged", parent: "br0", hwaddr: "10:66:6a:00:00:01" },
  "floe-port-80": { type: "proxy", listen: "tcp:0.0.0.0:80", connect: "tcp:127.0.0.1:80" },
  zigbee: { type: "usb", vendorid: "10c4" },
  "floe-gpu": { type: "gpu", gputype: "physical" },
  data: { type: "disk", path: "/data", pool: "default", source: "data" },
};
const profile = { root, eth1: { type: "nic", network: "incusbr0" }, web: { type: "proxy", listen: "tcp:0.0.0.0:81" } };
const body = { config: { "boot.autostart": "true", "limits.cpu": "2" }, devices: own };
const parked = park(body, "next");

test("what only one can have is stood in for, the profiles' too", () => {
  expect(isolate(parked, { ...profile, ...parked.devices }).devices).toEqual({
    eth0: { type: "nic", nictype: "p2p", name: "net0" },
    eth1: { type: "nic", nictype: "p2p", name: "eth1" },
    "floe-port-80": { type: "none" },
    web: { type: "none" },
    zigbee: { type: "none" },
    "floe-gpu": own["floe-gpu"],
    data: own.data,
  });
});

test("isolating twice is isolating once, and what is not parked is left alone", () => {
  const once = isolate(parked, { ...profile, ...parked.devices });
  expect(isolate(once, { ...profile, ...once.devices })).toEqual(once);
  expect(isolate(body, body.devices)).toBe(body);
});

test("unparking gives everything back", () => {
  const back = unpark(isolate(parked, { ...profile, ...parked.devices }), "next");
  expect(back.devices).toEqual(own);
  expect(back.config).toEqual({ ...body.config, "user.floe.role": "next" });
});

test("only checks that are asked inside can be passed without an address", () => {
  const timing = { withinMs: 1000, intervalMs: 100 };
  const checks = [
    { kind: "http", url: "http://10.0.0.1/", ...timing },
    { kind: "tcp", address: "10.0.0.1", port: 22, ...timing },
    { kind: "exec", command: ["true"], ...timing },
    { kind: "systemd", allowDegraded: false, ...timing },
    { kind: "ready", ...timing },
  ] as const;
  expect(checksInside(checks).map(({ kind }) => kind)).toEqual(["exec", "systemd", "ready"]);
});

test.each([
  [root, false],
  [own.data, true],
  [{ ...own.data, readonly: "true" }, false],
  [{ type: "disk", source: "/srv", path: "/srv" }, true],
  [own.eth0, false],
])("is %o written to: %s", (device, expected) => expect(isWritten(device)).toBe(expected));
