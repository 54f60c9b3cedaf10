import { expect, test } from "vitest";
import type { Examination } from "../../../../src/plan/hosts/examine-host.ts";
import { planHost } from "../../../../src/plan/hosts/plan-host.ts";
import { observedHost, planInput, system } from "./host-plan-support.ts";

const examination: Examination = {
  selected: [],
  units: { links: new Map(), keptOnRemoval: new Set() },
  active: new Set(),
};
const path = (mark: string) => `/nix/store/${mark.padStart(32, "0")}-x`;

test("planHost() changes nothing where the system runs and boots", () => {
  const { change, problems } = planHost(planInput({ system: system("2"), observed: observedHost({ records: [] }) }));
  expect(change).toMatchObject({ action: "none", notes: [], reboot: [] });
  expect(problems).toEqual([]);
});

test.each([
  ["switch", "update"],
  ["boot", "update"],
  ["test", "none"],
  ["dry-activate", "none"],
] as const)("planHost() for %s of what runs and does not boot: %s", (action, wanted) => {
  const observed = observedHost({ boots: { number: 1, system: system("1") } });
  const { change } = planHost(planInput({ action, system: system("2"), observed }));
  expect(change.action).toBe(wanted);
  if (action === "switch") expect(change.notes).toEqual(["It runs already, and becomes what the next boot brings"]);
});

test("planHost() for boot of what boots already changes nothing, whatever runs", () => {
  const observed = observedHost({ boots: { number: 3, system: system("3") } });
  expect(planHost(planInput({ action: "boot", observed })).change.action).toBe("none");
});

test("planHost() tells a reboot that is due though nothing changes", () => {
  const parts = {
    booted: { kernel: "/nix/store/00000000000000000000000000000001-linux-6.1.5/bzImage" },
    current: { kernel: "/nix/store/00000000000000000000000000000001-linux-6.1.6/bzImage" },
  };
  const { change } = planHost(planInput({ system: system("2"), observed: observedHost({ parts }) }));
  expect(change).toMatchObject({ action: "none", reboot: ["kernel 6.1.5 → 6.1.6"] });
});

test("planHost() with reboot reboots what waits for it, and nothing else", () => {
  const parts = {
    booted: { kernel: "/nix/store/00000000000000000000000000000001-linux-6.1.5/bzImage" },
    current: { kernel: "/nix/store/00000000000000000000000000000001-linux-6.1.6/bzImage" },
  };
  const plan = (input: Parameters<typeof planInput>[0]) => planHost(planInput({ reboot: true, ...input })).change;
  expect(plan({ system: system("2"), observed: observedHost({ parts }) })).toMatchObject({
    action: "update",
    isRebootOnly: true,
    notes: ["It has its system already, and is only rebooted"],
  });
  expect(plan({ system: system("2"), observed: observedHost({}) })).toMatchObject({ action: "none" });
  const made = observedHost({ boots: { number: 3, system: system("3") } });
  expect(plan({ action: "boot", observed: made })).toMatchObject({ action: "update", isRebootOnly: true });
  expect(plan({ action: "test", system: system("2"), observed: { ...made, parts } })).toMatchObject({ action: "none" });
  expect(plan({ observed: observedHost({ parts }) })).not.toHaveProperty("isRebootOnly");
});

test("planHost() refuses a generation that somebody else made, unless it is adopted", () => {
  const observed = observedHost({ records: [{ number: 1, system: system("1"), fleet: "home", at: 1 }] });
  const refused = planHost(planInput({ observed }));
  expect(refused.change.unknown).toEqual({ generation: { number: 2, system: system("2") } });
  expect(refused.problems).toEqual([
    {
      subject: "host crown",
      message: "Generation 2 (0000000…-nixos-system-crown-26.05) was not made by this fleet",
      hint: "Look what it is: floe history crown. Then --adopt goes on from there",
    },
  ]);
  const adopted = planHost(planInput({ observed, adopt: true }));
  expect(adopted.change.unknown).toBeDefined();
  expect(adopted.problems).toEqual([]);
});

test("planHost() names another fleet", () => {
  const observed = observedHost({
    records: [{ number: 2, system: system("2"), fleet: "work", by: "eve@desk", at: 1 }],
  });
  expect(planHost(planInput({ observed })).problems[0]?.message).toContain('but by the fleet "work" (eve@desk)');
});

test("planHost() takes what is to run for known, whoever made it", () => {
  const observed = observedHost({ current: system("3"), boots: undefined, records: [] });
  expect(planHost(planInput({ observed })).change.unknown).toBeUndefined();
});

test("planHost() notes the first switch, a machine without NixOS, and a tested system", () => {
  const notes = (observed: Parameters<typeof observedHost>[0]) =>
    planHost(planInput({ observed: observedHost(observed) })).change.notes;
  expect(notes({ records: undefined })).toEqual(["The first switch by floe"]);
  expect(
    notes({ current: undefined, booted: undefined, boots: undefined, generations: [], records: undefined }),
  ).toEqual(["No NixOS runs there yet"]);
  const tested = { number: 0, system: system("9"), fleet: "home", at: 1 };
  expect(notes({ current: system("9"), records: [tested] })).toEqual([
    "What runs is in no generation of the profile, as after a test: the next boot does not bring it",
  ]);
  expect(notes({ boots: { number: 1, system: system("1") } })).toEqual([
    "The next boot brings generation 1, not what runs now",
  ]);
});

test("planHost() finds the wrong kind of machine", () => {
  const problems = (platform: string, machine: string) =>
    planHost(planInput({ platform, observed: observedHost({ platform: machine }) })).problems;
  expect(problems("x86_64-linux", "aarch64-linux")).toEqual([
    {
      subject: "host crown",
      message: 'It is described for "x86_64-linux", but root@crown.lan is "aarch64-linux"',
      hint: 'Set its "system" to "aarch64-linux", or its "target" to the machine that is meant',
    },
  ]);
  expect(problems("i686-linux", "x86_64-linux")).toEqual([]);
});

test("planHost() counts what has to be copied, and finds a disk that is too small for it", () => {
  const found = {
    examination: { ...examination, closure: new Map([[path("1"), 10e6]]), missing: [path("3")] },
    closure: new Map([
      [path("1"), 10e6],
      [path("2"), 20e6],
      [path("3"), 30e6],
    ]),
    parts: {},
  };
  const { change, problems } = planHost(planInput({ found, observed: observedHost({ freeBytes: 25e6 }) }));
  expect(change.closure).toEqual({ before: 10e6, after: 60e6, copy: 30e6 });
  expect(problems.map(({ message }) => message)).toEqual([
    "The disk of its Nix store is too small: 30 MB have to be copied, 25 MB are free",
  ]);
});

test("planHost() believes the machine before it compares files itself", () => {
  const units = { stop: ["a.service"], restart: [], reload: [], start: [], notRestarted: [] };
  const said = { exitCode: 0, text: "would restart the following units: b.service\n" };
  const plan = (dryActivate: Examination["dryActivate"]) =>
    planHost(
      planInput({ found: { examination: { ...examination, ...(dryActivate && { dryActivate }) }, parts: {}, units } }),
    ).change;
  expect(plan(said)).toMatchObject({ unitsFrom: "dry-activate", units: { restart: ["b.service"], stop: [] } });
  expect(plan(undefined)).toMatchObject({ unitsFrom: "comparison", units: { stop: ["a.service"] } });
  expect(plan({ exitCode: 1, text: "one\nCould not acquire lock\n" })).toMatchObject({
    unitsFrom: "comparison",
    notes: ["The new system's dry-activate ends with exit code 1: Could not acquire lock"],
  });
});
