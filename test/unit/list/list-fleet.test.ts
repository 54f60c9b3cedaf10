import { expect, test } from "vitest";
import type { IncusInstance } from "../../../src/incus/types.ts";
import { listFleet } from "../../../src/list/list-fleet.ts";
import type { Evaluation } from "../../../src/model/evaluation.ts";
import type { Fleet } from "../../../src/model/fleet.ts";

const check = { kind: "http", url: "http://127.0.0.1/", withinMs: 1000, intervalMs: 100 };
const instance = (name: string, health = [check]) => ({
  name,
  health,
  keep: 2,
  container: "web",
  server: "local",
  project: "default",
  ports: [],
  tags: [],
});
const fleet = {
  name: "home",
  hosts: {},
  containers: {
    web: {
      name: "web",
      system: "x86_64-linux",
      tags: [],
      instances: { "web-1": instance("web-1"), "web-2": instance("web-2"), "web-3": instance("web-3") },
    },
  },
} as unknown as Fleet;

function found(name: string, config: Record<string, string>): IncusInstance {
  const network = {
    lo: { addresses: [{ family: "inet", address: "127.0.0.1", scope: "local" }] },
    eth0: {
      addresses: [
        { family: "inet", address: "10.0.3.7", scope: "global" },
        { family: "inet6", address: "fe80::1", scope: "link" },
      ],
    },
  };
  return {
    name,
    project: "default",
    status_code: 103,
    config,
    created_at: "2026-11-22T09:00:00Z",
    state: { network },
  } as unknown as IncusInstance;
}

const labels = {
  "user.floe.fleet": "home",
  "user.floe.instance": "web-1",
  "user.floe.rootfs": "/nix/store/old",
  "user.floe.healthy": "true",
};

test("listFleet() tells floe's own instances from others and from those that are not there", () => {
  const answers = {
    local: {
      ok: true as const,
      instances: [found("web-1", labels), found("web-1-previous", labels), found("web-2", {})],
    },
  };
  const { instances } = listFleet(fleet, answers, undefined);
  expect(
    instances.map(({ name, state, addresses, isHealthy, hasPrevious }) => ({
      name,
      state,
      addresses,
      isHealthy,
      hasPrevious,
    })),
  ).toEqual([
    { name: "web-1", state: "running", addresses: ["10.0.3.7"], isHealthy: true, hasPrevious: true },
    { name: "web-2", state: "foreign", addresses: [], isHealthy: null, hasPrevious: false },
    { name: "web-3", state: "absent", addresses: [], isHealthy: null, hasPrevious: false },
  ]);
});

test("listFleet() takes nothing for healthy that has no checks", () => {
  const web = { ...fleet.containers["web"], instances: { "web-1": instance("web-1", []) } };
  const unchecked = { ...fleet, containers: { web } } as unknown as Fleet;
  const answers = { local: { ok: true as const, instances: [found("web-1", labels)] } };
  expect(listFleet(unchecked, answers, undefined).instances[0]?.isHealthy).toBe(null);
});

test("listFleet() tells what a killed apply left from what was never made", () => {
  const next = { ...labels, "user.floe.role": "next" };
  const states = (...instances: IncusInstance[]) => {
    const [first] = listFleet(fleet, { local: { ok: true, instances } }, undefined).instances;
    return [first?.state, first?.isInterrupted];
  };
  expect(states()).toEqual(["absent", false]);
  expect(states(found("web-1", labels))).toEqual(["running", false]);
  expect(states(found("web-1-outgoing", labels), found("web-1-next", next))).toEqual(["interrupted", true]);
  expect(states(found("web-1", labels), found("web-1-next", next))).toEqual(["running", true]);
  const { "user.floe.healthy": _, ...unproved } = labels;
  expect(states(found("web-1", unproved))).toEqual(["running", true]);
});

test("listFleet() knows about updates only from an evaluation", () => {
  const answers = { local: { ok: true as const, instances: [found("web-1", labels)] } };
  const image = { rootfs: { drvPath: "/d", outPath: "/nix/store/new" }, metadata: { drvPath: "/d", outPath: "/m" } };
  const evaluation: Evaluation = { hosts: {}, images: { web: { ok: true, value: image } }, shells: {} };
  expect(listFleet(fleet, answers, undefined).instances[0]?.isUpdateAvailable).toBe(null);
  expect(listFleet(fleet, answers, evaluation).instances.map((item) => item.isUpdateAvailable)).toEqual([
    true,
    null,
    null,
  ]);
});

test("listFleet() lists what is described when a server does not answer", () => {
  const list = listFleet(
    fleet,
    { local: { ok: false, message: "No Incus socket found", hint: "Start it" } },
    undefined,
  );
  expect(list.instances.map((item) => item.state)).toEqual(["unknown", "unknown", "unknown"]);
  expect(list.problems).toEqual([{ subject: "server local", message: "No Incus socket found", hint: "Start it" }]);
});
