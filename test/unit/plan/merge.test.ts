import { describe, expect, test } from "vitest";
import type { Instance } from "../../../src/model/fleet.ts";
import type { DriftMode } from "../../../src/model/plan.ts";
import { diffInstance } from "../../../src/plan/diff.ts";
import type { ObservedInstance } from "../../../src/plan/observed.ts";
import { applied, defaultProfile, desired } from "./world.ts";

const port = { listen: "tcp:127.0.0.1:81", connect: "tcp:127.0.0.1:80" };
const device = "floe-port-81";
const tun = { type: "unix-char", path: "/dev/net/tun" };

/** What floe applied, what somebody made of it, and what is declared now. */
interface Case {
  readonly was: Partial<Instance>;
  readonly now?: Partial<Instance>;
  readonly hand: (there: ObservedInstance) => Partial<ObservedInstance>;
}

function outcome({ was, now = was, hand }: Case, mode: DriftMode): string[] {
  const there = applied(was);
  const profiles = { before: [defaultProfile], after: [defaultProfile] };
  const found = { ...there, ...hand(there) };
  const { method, differences, drift = [] } = diffInstance(desired(now, mode), { current: found }, profiles);
  return [
    `by ${method ?? "nothing"}`,
    ...differences.map(({ key, before, after, note }) => `${key}: ${before} -> ${after}${note ? ` (${note})` : ""}`),
    ...drift.map(({ key, before, after, note }) => `kept ${key}: ${before} -> ${after} (${note})`),
  ];
}

const setConfig = (values: Record<string, string>) => (there: ObservedInstance) => ({
  config: { ...there.config, ...values },
});
const unsetConfig = (key: string) => (there: ObservedInstance) => {
  const { [key]: _, ...config } = there.config;
  return { config };
};
const setDevice = (name: string, value: Record<string, string>) => (there: ObservedInstance) => ({
  devices: { ...there.devices, [name]: value },
});
const cpu = (value: string): Partial<Instance> => ({ config: { "limits.cpu": value } });

const cases: Record<string, Case> = {
  "a key is changed": { was: cpu("2"), hand: setConfig({ "limits.cpu": "8" }) },
  "a key is removed": { was: cpu("2"), hand: unsetConfig("limits.cpu") },
  "a key is added": { was: {}, hand: setConfig({ "limits.memory": "1GiB" }) },
  "a key is changed, and its declaration too": { was: cpu("2"), now: cpu("4"), hand: setConfig({ "limits.cpu": "8" }) },
  "a key is changed to what is declared then": { was: cpu("2"), now: cpu("8"), hand: setConfig({ "limits.cpu": "8" }) },
  "a key is changed, and its declaration goes": { was: cpu("2"), now: {}, hand: setConfig({ "limits.cpu": "8" }) },
  "a key is changed, and another is declared": {
    was: cpu("2"),
    now: { config: { "limits.cpu": "2", "limits.memory": "1GiB" } },
    hand: setConfig({ "limits.cpu": "8" }),
  },
  "a key is added, and declared otherwise": { was: {}, now: cpu("2"), hand: setConfig({ "limits.cpu": "8" }) },
  "keys of Incus and of floe": {
    was: {},
    hand: setConfig({ "volatile.last_state.power": "RUNNING", "image.os": "nixos", "user.floe.new": "x" }),
  },
  "a device's key is changed": {
    was: { ports: [port] },
    hand: setDevice(device, { type: "proxy", ...port, connect: "tcp:127.0.0.1:8080" }),
  },
  "a device's key is added": {
    was: { ports: [port] },
    hand: setDevice(device, { type: "proxy", ...port, nat: "true" }),
  },
  "a device's key is added, and another changes": {
    was: { ports: [port] },
    now: { ports: [{ ...port, connect: "tcp:127.0.0.1:90" }] },
    hand: setDevice(device, { type: "proxy", ...port, nat: "true" }),
  },
  "a device is added": { was: {}, hand: setDevice("tun", tun) },
  "a device is removed": { was: { devices: { tun } }, hand: () => ({ devices: {} }) },
  "a device is removed, and its declaration changes": {
    was: { devices: { tun } },
    now: { devices: { tun: { ...tun, mode: "0660" } } },
    hand: () => ({ devices: {} }),
  },
  "a device is of another type": { was: { devices: { tun } }, hand: setDevice("tun", { type: "none" }) },
  "a device is changed, and its declaration goes": {
    was: { devices: { tun } },
    now: {},
    hand: setDevice("tun", { ...tun, mode: "0660" }),
  },
  "a profile is added": { was: {}, hand: () => ({ profiles: ["default", "extra"] }) },
  "a profile is added, and others are declared": {
    was: {},
    now: { profiles: ["default", "mine"] },
    hand: () => ({ profiles: ["default", "extra"] }),
  },
  "the description is changed": { was: { description: "mine" }, hand: () => ({ description: "theirs" }) },
};

describe("what somebody changed by hand", () => {
  test.each(Object.entries(cases))("%s", (_what, one) => {
    expect({ keep: outcome(one, "keep"), fix: outcome(one, "fix") }).toMatchSnapshot();
  });

  test("kept drift is told again each time, and is no change", () => {
    const there = applied(cpu("2"));
    const found = { ...there, config: { ...there.config, "limits.cpu": "8" } };
    const profiles = { before: [defaultProfile], after: [defaultProfile] };
    expect(diffInstance(desired(cpu("2")), { current: found }, profiles)).toMatchObject({
      action: "none",
      method: null,
      differences: [],
      drift: [{ key: "config.limits.cpu", before: "2", after: "8", isDrift: true }],
    });
  });
});
