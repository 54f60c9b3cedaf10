import { describe, expect, test } from "vitest";
import type { Instance, UpdateStrategy } from "../../../src/model/fleet.ts";
import type { Difference, DriftMode } from "../../../src/model/plan.ts";
import { diffInstance } from "../../../src/plan/diff.ts";
import { label } from "../../../src/plan/labels.ts";
import type { ObservedInstance } from "../../../src/plan/observed.ts";
import { park } from "../../../src/plan/parking.ts";
import type { InstanceObjects } from "../../../src/plan/recovery.ts";
import { applied, defaultProfile, desired } from "./world.ts";

const gpuProfile = { name: "gpu", config: { "security.privileged": "true" }, devices: { gpu: { type: "gpu" } } };
const limits = { name: "limits", config: { "limits.cpu": "2" }, devices: {} };

function said({ key, before, after, note, reach }: Difference): string {
  const values = `${key}: ${before ?? "(none)"} -> ${after ?? "(none)"}`;
  return `${values}${note === undefined ? "" : ` (${note})`}${reach === undefined ? "" : ` [${reach}]`}`;
}

/** `METHOD` and then the differences, what is kept as somebody set it, and notes. */
function diff(spec: Partial<Instance>, objects: InstanceObjects | ObservedInstance, mode?: DriftMode): string[] {
  const group = "name" in objects ? { current: objects as ObservedInstance } : (objects as InstanceObjects);
  const profiles = [defaultProfile, gpuProfile, limits];
  const change = diffInstance(desired(spec, mode), group, { before: profiles, after: profiles });
  const { action, method, then, differences, drift = [], notes } = change;
  return [
    `${action} by ${method ?? "nothing"}${then === undefined ? "" : `, then ${then}`}`,
    ...differences.map(said),
    ...drift.map((one) => `kept ${said(one)}`),
    ...notes.map((note) => `! ${note}`),
  ];
}

describe("diffInstance()", () => {
  test("nothing there: create", () => expect(diff({}, {})).toEqual(["create by create"]));
  test("all as wanted: nothing", () => expect(diff({}, applied())).toEqual(["none by nothing"]));

  test("another image: swap", () => {
    expect(diff({}, applied({}, { config: { [label.rootfs]: "/nix/store/old-rootfs" } }))).toMatchInlineSnapshot(`
      [
        "replace by swap",
        "image: /nix/store/old-rootfs -> /nix/store/new-rootfs (derivation changed) [swap]",
      ]
    `);
  });

  test.each<[string, Partial<Instance>, Partial<Instance>]>([
    ["a limit", { config: { "limits.cpu": "2" } }, { config: { "limits.cpu": "4" } }],
    ["a limit that goes", { config: { "limits.cpu": "2" } }, {}],
    ["nesting", {}, { config: { "security.nesting": "true" } }],
    ["an unknown key", {}, { config: { "future.key": "1" } }],
    ["autostart", { autostart: true }, { autostart: false }],
    ["a seed", { cloudInit: { userData: "a" } }, { cloudInit: { userData: "b" } }],
    ["a port", {}, { ports: [{ listen: "tcp:127.0.0.1:81", connect: "tcp:127.0.0.1:80" }] }],
    [
      "another port",
      { ports: [{ listen: "tcp:127.0.0.1:81", connect: "tcp:127.0.0.1:80" }] },
      { ports: [{ listen: "tcp:127.0.0.1:81", connect: "tcp:127.0.0.1:8080" }] },
    ],
    ["a volume", {}, { volumes: { "/data": { pool: "default", name: "d", existing: false } } }],
    ["the network", { network: { bridge: "br0" } }, { network: { bridge: "br1" } }],
    ["a GPU", {}, { gpu: { vendor: "10de" } }],
    [
      "the pool of the root disk",
      { devices: { root: { type: "disk", path: "/", pool: "default" } } },
      { devices: { root: { type: "disk", path: "/", pool: "fast" } } },
    ],
    [
      "the size of the root disk",
      { devices: { root: { type: "disk", path: "/", pool: "default" } } },
      { devices: { root: { type: "disk", path: "/", pool: "default", size: "9GiB" } } },
    ],
    ["a profile with limits", {}, { profiles: ["default", "limits"] }],
    ["a privileged profile", {}, { profiles: ["default", "gpu"] }],
    ["a profile whose root disk is gone", { profiles: ["default"] }, { profiles: ["limits"] }],
    ["the description", {}, { description: "the web" }],
  ])("%s", (_what, before, after) => {
    expect(diff(after, applied(before))).toMatchSnapshot();
  });

  test("what is set by hand becomes floe's by being described: labels only", () => {
    const there = applied();
    expect(
      diff({ config: { "limits.cpu": "2" } }, { ...there, config: { ...there.config, "limits.cpu": "2" } }),
    ).toEqual(["update by relabel"]);
  });

  test("a device of somebody else's name is replaced whole", () => {
    const there = applied();
    expect(
      diff(
        { devices: { tun: { type: "unix-char", path: "/dev/net/tun" } } },
        { ...there, devices: { tun: { type: "proxy", listen: "x", connect: "y" } } },
      ),
    ).toMatchInlineSnapshot(`
      [
        "update by live",
        "devices.tun: proxy, connect=y, listen=x -> unix-char, path=/dev/net/tun (overwrites a change by hand) [live]",
      ]
    `);
  });

  describe("the strategy", () => {
    const old = { config: { [label.rootfs]: "/nix/store/old" } };
    const seed = [{ cloudInit: { userData: "a" } }, { cloudInit: { userData: "b" } }] as const;
    const pool = (name: string): Partial<Instance> => ({
      devices: { root: { type: "disk", path: "/", pool: name } },
    });
    test.each<UpdateStrategy>(["swap", "swap-warm", "rebuild", "in-place"])("%s", (update) => {
      const method = (spec: Partial<Instance>, there: ObservedInstance): string => `${diff(spec, there)[0]}`;
      expect({
        image: method({ update }, applied({ update }, old)),
        seed: method({ update, ...seed[1] }, applied({ update, ...seed[0] })),
        pool: method({ update, ...pool("fast") }, applied({ update, ...pool("default") })),
        nesting: method({ update, config: { "security.nesting": "true" } }, applied({ update })),
        limit: method({ update, config: { "limits.cpu": "1" } }, applied({ update })),
      }).toMatchSnapshot();
    });
    test("another one is a change of its own", () => {
      expect(diff({ update: "rebuild" }, applied())).toEqual(["update by relabel", "update: swap -> rebuild"]);
      const head = (lines: readonly string[]): readonly string[] => lines.slice(0, 2);
      expect(head(diff({ update: "in-place" }, applied()))).toEqual([
        "replace by swap",
        "update: swap -> in-place [swap]",
      ]);
      expect(head(diff({}, applied({ update: "in-place" })))).toEqual([
        "replace by swap",
        "update: in-place -> swap [swap]",
      ]);
    });
    test("what an older floe left, without a strategy, is swapped", () => {
      const there = applied();
      expect(JSON.parse(there.config[label.applied] ?? "")).not.toHaveProperty("update");
    });
  });

  describe("the downtime", () => {
    const downtime = (spec: Partial<Instance>, there: ObservedInstance, times = {}): number | undefined =>
      diffInstance(
        desired(spec),
        { current: there },
        { before: [defaultProfile], after: [defaultProfile] },
        () => times,
      ).downtimeMs;
    const old = applied({}, { config: { [label.rootfs]: "/nix/store/old" } });
    const ports = [{ listen: "tcp:127.0.0.1:81", connect: "tcp:127.0.0.1:80" }];
    test("is a guess, or what it took the last time", () => {
      expect(downtime({}, old)).toBe(2400);
      expect(downtime({}, old, { stop: 5000, start: 200, health: 300 })).toBe(5600);
      expect(downtime({ update: "rebuild" }, old)).toBe(4300);
      expect(downtime({ config: { "security.nesting": "true" } }, applied())).toBe(2300);
    });
    test("grows with each port that is forwarded", () =>
      expect(downtime({ ports }, { ...old, devices: {} })).toBe(3400));
    test("is none for what counts at once, but a port that changes is away for a moment", () => {
      expect(downtime({ config: { "limits.cpu": "1" } }, applied())).toBe(0);
      expect(downtime({ ports }, applied())).toBe(0);
      expect(downtime({ ports: [{ ...ports[0], connect: "tcp:127.0.0.1:8080" } as never] }, applied({ ports }))).toBe(
        1000,
      );
    });
    test("is not said where nothing runs, or nothing changes", () => {
      expect(downtime({}, applied())).toBeUndefined();
      expect(
        downtime({ autostart: false }, applied({ autostart: false }, { ...old, status: "stopped" })),
      ).toBeUndefined();
    });
  });

  describe("power", () => {
    test("stopped, and to start by itself: start", () =>
      expect(diff({}, applied({}, { status: "stopped" }))).toEqual(["update by start", "status: stopped -> running"]));
    test("stopped by somebody, and not to start by itself: left alone", () =>
      expect(diff({ autostart: false }, applied({ autostart: false }, { status: "stopped" }))).toEqual([
        "none by nothing",
      ]));
    test("a restart of what is stopped is a change of its config only", () => {
      expect(
        diff(
          { autostart: false, config: { "security.nesting": "true" } },
          applied({ autostart: false }, { status: "stopped" }),
        )[0],
      ).toBe("update by live");
    });
    test("a swap of what is stopped leaves it stopped, and says so", () => {
      expect(
        diff(
          { autostart: false },
          applied({ autostart: false }, { status: "stopped", config: { [label.rootfs]: "/nix/store/old" } }),
        ),
      ).toMatchInlineSnapshot(`
        [
          "replace by swap",
          "image: /nix/store/old -> /nix/store/new-rootfs (derivation changed) [swap]",
          "! It is stopped and stays so: the health of its successor is not checked",
        ]
      `);
    });
  });

  describe("after an interrupted apply", () => {
    const old = applied({}, { config: { [label.rootfs]: "/nix/store/old" } });
    const outgoing = park(
      { ...old, name: "web-outgoing", status: "stopped" as const, config: { ...old.config, [label.resume]: "true" } },
      "outgoing",
    );
    const fresh = applied({}, { config: { [label.role]: "next" } });
    const { [label.healthy]: _, ...unprovedConfig } = fresh.config;
    const unproved: ObservedInstance = { ...fresh, config: unprovedConfig };

    test("the predecessor waits, its successor is not proved", () =>
      expect(diff({}, { outgoing, current: unproved })).toMatchInlineSnapshot(`
        [
          "replace by recover, then swap",
          "status: (none) -> (none) (an apply was interrupted here)",
          "image: /nix/store/old -> /nix/store/new-rootfs (derivation changed) [swap]",
          "! "web" was not proved healthy: it is kept as "web-failed"",
          "! "web-outgoing" is put back as "web"",
          "! "web" is started again",
        ]
      `));
    test("the predecessor waits, nobody has the name", () =>
      expect(diff({}, { outgoing, next: { ...unproved, name: "web-next", status: "stopped" } })).toMatchInlineSnapshot(`
        [
          "replace by recover, then swap",
          "status: (none) -> (none) (an apply was interrupted here)",
          "image: /nix/store/old -> /nix/store/new-rootfs (derivation changed) [swap]",
          "! "web-outgoing" is put back as "web"",
          "! "web" is started again",
          "! "web-next", a successor that was never used, is deleted",
        ]
      `));
    test("the successor is proved, the predecessor is not put away", () =>
      expect(diff({}, { outgoing, current: applied() })).toMatchInlineSnapshot(`
      [
        "update by recover",
        "status: (none) -> (none) (an apply was interrupted here)",
        "! "web-outgoing" is kept as "web-previous"",
      ]
    `));
    test("a new instance that was not proved", () =>
      expect(
        diff({}, { current: { ...unproved, config: { ...unproved.config, [label.role]: "current" } } }),
      ).toMatchInlineSnapshot(`
      [
        "update by recover",
        "status: (none) -> (none) (an apply was interrupted before this was proved healthy)",
      ]
    `));
    test("a change that was not proved is proved again", () => {
      const pending = JSON.stringify({ restart: false, before: { config: { "limits.cpu": "2" }, devices: {} } });
      expect(
        diff(
          { config: { "limits.cpu": "4" } },
          applied({ config: { "limits.cpu": "4" } }, { config: { [label.pending]: pending } }),
        ),
      ).toMatchInlineSnapshot(`
        [
          "update by live",
          "status: (none) -> (none) (an apply was interrupted before this was proved healthy)",
        ]
      `);
    });
    test("a restart in the middle of which floe ended is taken back first", () => {
      const pending = JSON.stringify({ restart: true, before: { config: { "security.nesting": null }, devices: {} } });
      const there = applied(
        {},
        { status: "stopped", config: { [label.pending]: pending, [label.resume]: "true", "security.nesting": "true" } },
      );
      expect(diff({ config: { "security.nesting": "true" } }, there)).toMatchInlineSnapshot(`
        [
          "update by recover, then restart",
          "status: (none) -> (none) (an apply was interrupted here)",
          "config.security.nesting: (none) -> true [restart]",
          "! A change that was not proved healthy is taken back",
          "! "web" is started again",
        ]
      `);
    });
  });

  describe("what is kept", () => {
    const old = (more: Partial<ObservedInstance> = {}) =>
      applied({}, { ...more, config: { [label.rootfs]: "/nix/store/old" } });
    const notes = (spec: Partial<Instance>, objects: InstanceObjects) =>
      diff(spec, objects).filter((line) => line.startsWith("!"));
    test("snapshots stay with the predecessor", () =>
      expect(notes({}, { current: old({ snapshots: ["s0"] }) })).toMatchInlineSnapshot(`
      [
        "! Its snapshots stay with the predecessor, "web-previous"",
      ]
    `));
    test("a predecessor with snapshots is not deleted", () => {
      const previous = park(
        { ...old({ snapshots: ["s0"] }), name: "web-previous", status: "stopped" as const },
        "previous",
      );
      expect(notes({}, { current: old(), previous })).toMatchInlineSnapshot(`
        [
          "! "web-previous" has snapshots and is not deleted: it gets the name "web-kept"",
        ]
      `);
    });
    test("keep: 1", () =>
      expect(notes({ keep: 1 }, { current: old() })).toMatchInlineSnapshot(`
      [
        "! Its predecessor is deleted once it is healthy (keep: 1)",
      ]
    `));
  });
});
