/**
 * The swap as data: every world that its steps pass through, and where recovery leads from each one. The same worlds are
 * made on the real Incus by test/incus/recover.incus.test.ts.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { label, physicalNames } from "../../../src/plan/labels.ts";
import type { ObservedInstance } from "../../../src/plan/observed.ts";
import { park, unpark } from "../../../src/plan/parking.ts";
import { imagesNeeded, readRebuilding } from "../../../src/plan/rebuilding.ts";
import {
  advance,
  type InstanceObjects,
  inheritedAddresses,
  isProved,
  isUp,
  nextRecoveryStep,
  recovered,
  recoverySteps,
  unmark,
} from "../../../src/plan/recovery.ts";
import { recoveryCommands } from "../../../src/plan/recovery-commands.ts";
import { applied } from "./world.ts";

const names = physicalNames("web");
const nic = { eth0: { type: "nic", nictype: "bridged", parent: "br0", hwaddr: "", "ipv4.address": "10.0.0.9" } };
const { hwaddr: _, ...eth0 } = nic.eth0;
const old = applied(
  {},
  {
    devices: { eth0 },
    expandedDevices: { eth0 },
    config: { [label.rootfs]: "/nix/store/old", "volatile.eth0.hwaddr": "10:66:6a:00:00:0d" },
  },
);

function made(name: string, more: Readonly<Record<string, string>> = {}): ObservedInstance {
  const { [label.healthy]: _healthy, ...config } = applied({}, {}).config;
  const successor = applied({}, { name, status: "stopped", devices: { eth0 }, expandedDevices: { eth0 } });
  return park({ ...successor, config: { ...config, "volatile.eth0.hwaddr": "10:66:6a:ff:ff:ff", ...more } }, "next");
}

type Step = readonly [name: string, (world: InstanceObjects) => InstanceObjects];
const set =
  (place: keyof InstanceObjects, change: (object: ObservedInstance) => ObservedInstance) =>
  (world: InstanceObjects) => ({ ...world, [place]: change(world[place] as ObservedInstance) });
const rename =
  (from: keyof InstanceObjects, to: keyof InstanceObjects) =>
  (world: InstanceObjects): InstanceObjects => {
    const { [from]: moved, ...rest } = world;
    return { ...rest, [to]: { ...(moved as ObservedInstance), name: names[to] } };
  };
const withConfig = (object: ObservedInstance, config: Readonly<Record<string, string>>): ObservedInstance => ({
  ...object,
  config: { ...object.config, ...config },
});

const rest = (heir: "next" | "previous"): Step[] => [
  ["mark", set("current", (object) => withConfig(object, { [label.resume]: "true" }))],
  ["stop", set("current", (object) => ({ ...object, status: "stopped" }))],
  ["park", set("current", (object) => park(object, "outgoing"))],
  ["set-aside", rename("current", "outgoing")],
  [
    "hand-over",
    (world) =>
      set(heir, (object) => unpark(object, "next", inheritedAddresses(world.outgoing as ObservedInstance, object)))(
        world,
      ),
  ],
  ["take-over", rename(heir, "current")],
  ["start", set("current", (object) => ({ ...object, status: "running" }))],
  [
    "commit",
    set("current", (object) => unmark(withConfig(object, { [label.healthy]: "true", [label.role]: "current" }))),
  ],
];
const swap: readonly Step[] = [["create", (world) => ({ ...world, next: made(names.next) })], ...rest("next")];
const previous = park(
  {
    ...applied({}, { devices: { eth0 }, expandedDevices: { eth0 } }),
    name: names.previous,
    status: "stopped" as const,
  },
  "previous",
);
const prepare: Step = [
  "prepare",
  set("previous", (object) => {
    const { [label.healthy]: _healthy, ...config } = object.config;
    return park({ ...object, config: { ...config, [label.origin]: "previous" } }, "next");
  }),
];
const rollback: readonly Step[] = [prepare, ...rest("previous")];

/** The worlds after each step. */
function worldsOf(begin: InstanceObjects, steps: readonly Step[]): [string, InstanceObjects][] {
  let world = begin;
  return steps.map(([name, step]) => {
    world = step(world);
    return [name, world];
  });
}

const show = (objects: InstanceObjects): string =>
  Object.values(objects)
    .map(({ name, status, config }) => `${name} ${status}${config[label.rootfs] === "/nix/store/old" ? " (old)" : ""}`)
    .sort()
    .join(", ");

const walks: [string, InstanceObjects, readonly Step[]][] = [
  ["a swap", { current: old }, swap],
  [
    "a swap with everything kept",
    { current: old, previous, failed: { ...made(names.failed), name: names.failed } },
    swap,
  ],
  ["a rollback", { current: old, previous }, rollback],
];

describe.each(walks)("recovery of %s", (_what, begin, steps) => {
  test("from the world after each step", () => {
    const table = worldsOf(begin, steps).map(
      ([name, world]) =>
        `after ${name}: ${
          recoverySteps(world, { keep: 2 })
            .map((step) => `${step.kind} ${step.place}`)
            .join(", ") || "nothing"
        } => ${show(recovered(world, { keep: 2 }))}`,
    );
    expect(table).toMatchSnapshot();
  });

  test.each(worldsOf(begin, steps))(
    "after %s: one runs, with the address, and who is right by the commit",
    (name, world) => {
      const end = recovered(world, { keep: 2 });
      expect(nextRecoveryStep(end, { keep: 2 })).toBeUndefined();
      const isCommitted = name === "commit";
      expect(end.current?.config[label.rootfs] === "/nix/store/old").toBe(!isCommitted);
      expect(end.current?.status).toBe("running");
      expect(end.current?.config["volatile.eth0.hwaddr"]).toBe("10:66:6a:00:00:0d");
      expect(end.current?.devices["eth0"]?.["ipv4.address"]).toBe("10.0.0.9");
      expect(end.current?.config["boot.autostart"]).toBe("true");
      expect(end.current?.config).not.toHaveProperty(label.resume);
      for (const other of [end.previous, end.failed]) {
        if (other === undefined) continue;
        expect(other.config).not.toHaveProperty("volatile.eth0.hwaddr");
        expect(other.config["boot.autostart"]).toBe("false");
        expect(other.status).toBe("stopped");
      }
      if (begin.previous !== undefined) expect(end.previous).toBeDefined();
    },
  );

  test.each(worldsOf(begin, steps))(
    "after %s: a kill between any two steps of recovery changes nothing",
    (_name, world) => {
      let current = world;
      for (
        let step = nextRecoveryStep(current, { keep: 2 });
        step !== undefined;
        step = nextRecoveryStep(current, { keep: 2 })
      ) {
        current = advance(current, step);
        expect(show(recovered(current, { keep: 2 }))).toBe(show(recovered(world, { keep: 2 })));
        expect(Object.values(current).filter(isUp).length).toBeLessThanOrEqual(1);
      }
    },
  );
});

describe("recovery of a rebuild", () => {
  const rebuilding = { [label.rebuilding]: JSON.stringify({ from: "f00d", to: "beef" }), [label.resume]: "true" };
  const stepsFrom = (more: Readonly<Record<string, string>>, status: ObservedInstance["status"]): string[] =>
    recoverySteps({ current: { ...withConfig(old, more), status } }, { keep: 2 }).map(({ kind }) => kind);

  test.each<[string, string[], ObservedInstance["status"], Readonly<Record<string, string>>]>([
    ["mark", ["unmark"], "running", { [label.resume]: "true" }],
    ["stop", ["start", "unmark"], "stopped", { [label.resume]: "true" }],
    ["update, and while it is rebuilt", ["rebuild", "start", "unmark"], "stopped", rebuilding],
    ["start", ["rebuild", "start", "unmark"], "running", rebuilding],
    [
      "start, with settings that changed with it",
      ["rebuild", "revert", "start", "unmark"],
      "running",
      { ...rebuilding, [label.pending]: JSON.stringify({ restart: true, before: { config: {}, devices: {} } }) },
    ],
    [
      "start, of one that was stopped",
      ["rebuild"],
      "running",
      { [label.rebuilding]: rebuilding[label.rebuilding] ?? "" },
    ],
    ["commit", [], "running", { [label.previousImage]: "f00d" }],
  ])("after %s: %j", (_step, expected, status, more) => expect(stepsFrom(more, status)).toEqual(expected));

  test("as commands", () => {
    const objects = { current: withConfig(old, rebuilding) };
    expect(
      recoveryCommands(objects, recoverySteps(objects, { keep: 2 }), {
        name: "web",
        project: "default",
        remote: "crown",
      }),
    ).toMatchInlineSnapshot(`
      [
        "incus rebuild crown:f00d crown:web --force",
        "incus config unset crown:web user.floe.rebuilding",
        "incus start crown:web",
      ]
    `);
  });

  test("one that stands in for an instance without a root gets its name, and is not taken for a successor", () => {
    const stand = park(withConfig(old, { [label.origin]: "rebuild", [label.resume]: "true" }), "next");
    const next = { ...stand, name: names.next, status: "stopped" as const };
    const world = { next, previous };
    expect(recoverySteps(world, { keep: 2 }).map(({ kind, place }) => `${kind} ${place}`)).toEqual([
      "put-back next",
      "unpark current",
      "start current",
      "unmark current",
    ]);
    expect(recovered(world, { keep: 2 }).current?.config["volatile.eth0.hwaddr"]).toBe("10:66:6a:00:00:0d");
  });

  test("every image it may need is known, and a mark that is damaged is one", () => {
    expect(imagesNeeded({ ...rebuilding, "volatile.base_image": "beef", [label.previousImage]: "cafe" })).toEqual([
      "beef",
      "cafe",
      "f00d",
      "beef",
    ]);
    expect(imagesNeeded({})).toEqual([]);
    expect(readRebuilding({ [label.rebuilding]: "{" })).toEqual({ to: "" });
  });
});

test("a successor that is tried beside its predecessor is stopped and thrown away", () => {
  const world = { current: old, next: { ...made(names.next), status: "running" as const } };
  expect(recoverySteps(world, { keep: 2 }).map(({ kind, place }) => `${kind} ${place}`)).toEqual([
    "stop next",
    "discard next",
  ]);
  const failed = { ...world, next: { ...park(made(names.next), "failed"), status: "running" as const } };
  expect(recoverySteps(failed, { keep: 2 }).map(({ kind, place }) => `${kind} ${place}`)).toEqual([
    "stop next",
    "set-aside next",
  ]);
});

test("any world of our objects comes to rest, and never with two that run", () => {
  const object = (name: string) =>
    fc.option(
      fc
        .record({
          up: fc.boolean(),
          proved: fc.boolean(),
          resume: fc.boolean(),
          parked: fc.boolean(),
          origin: fc.boolean(),
          role: fc.constantFrom("current", "next", "outgoing", "previous", "failed"),
        })
        .map(({ up, proved, resume, parked, origin, role }) => {
          const { [label.healthy]: _healthy, ...config } = old.config;
          const marks = {
            ...(proved ? { [label.healthy]: "true" } : {}),
            ...(resume ? { [label.resume]: "true" } : {}),
            ...(origin ? { [label.origin]: "previous" } : {}),
            [label.role]: role,
            [label.apply]: name.replace(/^web-?/, ""),
          };
          const instance: ObservedInstance = {
            ...old,
            name,
            status: up ? "running" : "stopped",
            config: { ...config, ...marks },
          };
          return parked ? park(instance, role) : instance;
        }),
      { nil: undefined },
    );
  const worlds = fc.record({
    current: object(names.current),
    next: object(names.next),
    outgoing: object(names.outgoing),
    previous: object(names.previous),
    failed: object(names.failed),
  });
  fc.assert(
    fc.property(worlds, fc.integer({ min: 1, max: 3 }), (sparse, keep) => {
      const world = Object.fromEntries(
        Object.entries(sparse).filter(([, found]) => found !== undefined),
      ) as InstanceObjects;
      const end = recovered(world, { keep });
      expect(nextRecoveryStep(end, { keep })).toBeUndefined();
      expect(end.outgoing).toBeUndefined();
      // What had the name, or had it before, still exists.
      const isReplaced = world.current !== undefined && isProved(world.current);
      if (world.outgoing !== undefined && !isReplaced) expect(end.current?.config[label.apply]).toBe("outgoing");
      if (world.current !== undefined || world.outgoing !== undefined) expect(end.current).toBeDefined();
    }),
    { numRuns: 500 },
  );
});

test("the same steps as commands", () => {
  const [, world] = worldsOf({ current: old }, swap).find(([name]) => name === "start") ?? [];
  const objects = world ?? {};
  expect(
    recoveryCommands(objects, recoverySteps(objects, { keep: 2 }), { name: "web", project: "lab" }),
  ).toMatchInlineSnapshot(`
    [
      "incus --project lab stop web --force",
      "incus --project lab config unset web volatile.eth0.hwaddr",
      "incus --project lab rename web web-failed",
      "incus --project lab config set web-outgoing volatile.eth0.hwaddr=10:66:6a:00:00:0d",
      "incus --project lab config set web-outgoing boot.autostart=true",
      "incus --project lab config device set web-outgoing eth0 ipv4.address=10.0.0.9",
      "incus --project lab config unset web-outgoing user.floe.parked",
      "incus --project lab rename web-outgoing web",
      "incus --project lab start web",
    ]
  `);
});
