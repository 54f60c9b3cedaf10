import { describe, expect, test } from "vitest";
import type { Instance } from "../../../src/model/fleet.ts";
import { label } from "../../../src/plan/labels.ts";
import type { ObservedInstance } from "../../../src/plan/observed.ts";
import { checkStrategy, strategyNotes } from "../../../src/plan/strategy.ts";
import { applied, defaultProfile, desired } from "./world.ts";

const image = (fingerprint: string) => ({ fingerprint, properties: {}, aliases: [], uploaded_at: "" });

describe("a warm swap and what it writes to", () => {
  const data = { "/data": { pool: "default", name: "data", existing: false } };
  const mount = { "/srv": { source: "/srv/web", shift: true, readonly: false } };
  const found = (
    spec: Partial<Instance>,
    others: readonly Partial<Instance>[] = [],
    current?: ObservedInstance,
  ): string[] => {
    const one = desired({ update: "swap-warm", ...spec });
    return checkStrategy({
      desired: one,
      change: { method: null },
      current,
      images: [],
      profiles: [defaultProfile],
      everyone: [one, ...others.map((other) => desired({ name: "db", ...other }))],
    }).map(({ message }) => message);
  };
  const writes = (what: string): string[] => [
    `It writes to ${what}, and in a warm swap its successor would write there at the same time`,
  ];

  test("a volume or a mount of its own is refused", () => {
    expect(found({ volumes: data })).toEqual(writes('the volume "data" at "/data"'));
    expect(found({ mounts: mount })).toEqual(writes('the mount "/srv/web" at "/srv"'));
  });
  test("one that another instance writes to as well is not, nor is one that is only read", () => {
    expect(found({ volumes: data }, [{ volumes: data }])).toEqual([]);
    expect(found({ volumes: data }, [{ volumes: data, project: "other" }])).toHaveLength(1);
    expect(found({ mounts: { "/srv": { ...mount["/srv"], readonly: true } } })).toEqual([]);
  });
  test("a disk that somebody added by hand is carried over, so it counts", () => {
    const current = applied(
      { update: "swap-warm" },
      { devices: { extra: { type: "disk", source: "/x", path: "/x" } } },
    );
    expect(found({}, [], current)).toEqual(writes('the mount "/x" at "/x"'));
  });
  test("one that floe made and that is not wanted any more does not", () => {
    expect(found({}, [], applied({ volumes: data }))).toEqual([]);
  });
  test("a cold swap may have any", () => expect(found({ update: "swap", volumes: data })).toEqual([]));
});

describe("a rebuild and its way back", () => {
  const found = (
    more: Partial<ObservedInstance> = {},
    change: Parameters<typeof checkStrategy>[0]["change"] = { method: "rebuild" },
    fingerprints = ["f00d"],
  ): string[] => {
    const one = desired({ update: "rebuild" });
    const current = applied({ update: "rebuild" }, more);
    const images = fingerprints.map(image);
    return checkStrategy({ desired: one, change, current, images, profiles: [], everyone: [one] }).map(
      ({ message }) => message,
    );
  };

  test("nothing is said where there is one", () => expect(found()).toEqual([]));
  test("snapshots forbid it", () =>
    expect(found({ snapshots: ["s0"] })).toEqual(['"web" has snapshots: a rebuild would lose them']));
  test("so does an image that is gone, also when it follows a recovery", () => {
    const gone = ['The image that "web" runs is not on the server any more: a rebuild could not be undone'];
    expect(found({}, { method: "rebuild" }, ["beef"])).toEqual(gone);
    expect(found({}, { method: "recover", then: "rebuild" }, [])).toEqual(gone);
  });
  test("not where the root is lost already, or is to be recovered first", () => {
    expect(found({ config: { [label.rebuilding]: "{}" } }, { method: "recover", then: "rebuild" }, [])).toEqual([]);
    const { [label.rootfs]: _, ...config } = applied().config;
    const lost = { ...applied(), config };
    const one = desired({ update: "rebuild" });
    expect(
      checkStrategy({
        desired: one,
        change: { method: "rebuild" },
        current: lost,
        images: [],
        profiles: [],
        everyone: [],
      }),
    ).toEqual([]);
  });
  test("a change that needs no new root is free", () =>
    expect(found({ snapshots: ["s0"] }, { method: "live" }, [])).toEqual([]));
});

test("notes: what is lost, and what is asked later", () => {
  const timing = { withinMs: 1000, intervalMs: 100 };
  const health = [
    { kind: "http", url: "http://10.0.0.1/", ...timing },
    { kind: "exec", command: ["true"], ...timing },
  ] as const;
  expect(strategyNotes(desired({ health }), "rebuild")).toMatchInlineSnapshot(`
    [
      "Its root disk is made anew: what is on it is lost, volumes and mounts stay",
    ]
  `);
  expect(strategyNotes(desired({ health }), "swap-warm")).toMatchInlineSnapshot(`
    [
      "In the trial beside its predecessor 1 of 2 checks cannot be asked, for they need its addresses: they are asked when it has taken its place",
    ]
  `);
  expect(strategyNotes(desired({ health }), "swap")).toEqual([]);
  expect(strategyNotes(desired(), "swap-warm")).toEqual([]);
});
