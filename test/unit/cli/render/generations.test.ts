import { describe, expect, test } from "vitest";
import { renderCollected, renderGcPlan } from "../../../../src/cli/render/gc.ts";
import { renderMachineGenerations } from "../../../../src/cli/render/generations.ts";
import { renderHomePlan } from "../../../../src/cli/render/home-plan.ts";
import { plain } from "../../../../src/cli/render/style.ts";
import { FloeError } from "../../../../src/errors.ts";
import type { GcPlan } from "../../../../src/generations/gc-plan.ts";
import type { PackageChange } from "../../../../src/model/host-plan.ts";

const path = (letter: string, name: string): string => `/nix/store/${letter.repeat(32)}-${name}`;
const linux: PackageChange = {
  name: "linux",
  kind: "upgraded",
  before: ["6.6.1"],
  after: ["6.6.2"],
  sizeDelta: 1_200_000,
  important: true,
};
const hello: PackageChange = {
  ...linux,
  name: "hello",
  before: ["2.10"],
  after: ["2.12"],
  sizeDelta: 100,
  important: false,
};

describe("renderMachineGenerations()", () => {
  const one = { isCurrent: false, isBooted: false, isNext: false };
  const history = {
    where: "root@crown.lan",
    generations: [
      {
        ...one,
        ...{
          number: 12,
          system: path("c", "nixos-system-crown-24.11"),
          since: "2026-03-01T10:00:00.000Z",
          version: "24.11",
        },
        ...{ revision: "0123456789ab-dirty", kernel: "6.6.2", by: "me@desk", isCurrent: true, isNext: true },
        packages: { since: 11, changes: [linux, hello], sizeDelta: 1_200_100 },
      },
      {
        ...one,
        ...{
          number: 11,
          system: path("b", "nixos-system-crown-24.11"),
          since: "2026-02-28T10:00:00.000Z",
          version: "24.11",
        },
        ...{ kernel: "6.6.1", isBooted: true, sameAs: 9 },
      },
    ],
  };
  const options = { colors: plain, now: Date.parse("2026-03-01T12:30:00Z"), width: 100, packages: false };

  test("a head line each, and what is important of what changed", () => {
    expect(renderMachineGenerations(history, options)).toMatchInlineSnapshot(`
      "Generations  on root@crown.lan
        * 12  2026-03-01 10:00  2 h ago   24.11  01234567-dirty  linux 6.6.2  by me@desk  current
            2 up, +1.2 MB
              ↑ linux  6.6.1 → 6.6.2   +1.2 MB
          11  2026-02-28 10:00  26 h ago  24.11                  linux 6.6.1              booted
            the same as 9
      "
    `);
  });

  test("all packages where they are asked for; nothing where there is nothing", () => {
    expect(renderMachineGenerations(history, { ...options, packages: true })).toContain("hello  2.10 → 2.12");
    expect(renderMachineGenerations({ ...history, generations: [] }, options)).toBe(
      "Generations  on root@crown.lan\n  There is none\n",
    );
  });
});

describe("renderGcPlan()", () => {
  const generation = (number: number) => ({ number, path: path("a", "s"), at: Date.UTC(2026, 0, number) });
  const plan: GcPlan = {
    profiles: [
      {
        ...{ profile: "/nix/var/nix/profiles/system", kind: "system", owner: "root", current: 9 },
        generations: [],
        kept: [
          { ...generation(4), reasons: ["booted"] },
          { ...generation(9), reasons: ["running", "boots", "newest"] },
        ],
        dropped: [1, 2, 3, 5, 7, 8].map(generation),
      },
      {
        ...{ profile: "/home/me/.local/state/nix/profiles/home-manager", kind: "home", owner: "me", current: 2 },
        ...{ generations: [], kept: [{ ...generation(2), reasons: ["current", "newest"] }], dropped: [generation(1)] },
      },
    ],
    dead: [
      { path: path("x", "x"), bytes: 3_000_000, isGarbage: false },
      { path: path("y", "y"), bytes: 500, isGarbage: true },
    ],
    frees: { held: 3_000_000, garbage: 500 },
  };
  const options = { colors: plain, verbose: false, width: 100 };

  test("says what is kept and why, what goes, and what it frees; machines that failed are told elsewhere", () => {
    const machines = [
      { name: "crown", where: "root@crown.lan", plan },
      { name: "gone", where: "gone", plan: new FloeError("away") },
      { name: "clean", where: "this machine", plan: { profiles: [], dead: [], frees: { held: 0, garbage: 0 } } },
    ];
    expect(renderGcPlan(machines, options)).toMatchInlineSnapshot(`
      "crown  root@crown.lan
        System
          keep  9 (runs, boots next), 4 (booted)
          drop  7-8, 5, 1-3
        Home of me
          keep  2 (current)
          drop  1
        Frees 3.0 MB in 2 store paths: 3.0 MB that only these generations hold and 500 B that nothing holds

      clean  this machine
        Nothing to delete
      "
    `);
    expect(renderGcPlan(machines, { ...options, verbose: true })).toContain("8 (2026-01-08)");
  });

  test("what came of it", () => {
    const result = { dropped: 7, paths: 2, bytes: 3_000_500, menu: true, left: 1 };
    expect(
      renderCollected([
        { name: "crown", result },
        { name: "gone", error: new FloeError("away") },
      ]),
    ).toBe(
      "crown: 7 generations and 2 store paths deleted, 3.0 MB freed; the boot menu was written anew; 1 store path stayed, for something needs them by now\n",
    );
  });
});

test("renderHomePlan() shows what changes for a user, and what stands in the way", () => {
  const plan = {
    ...{ version: 1 as const, fleet: "home" },
    changes: [
      {
        ...{
          kind: "home" as const,
          address: "home:me@laptop",
          name: "me@laptop",
          where: "me@laptop",
          action: "update" as const,
        },
        ...{
          generation: path("b", "home-manager-generation"),
          current: path("a", "home-manager-generation"),
          number: 4,
        },
        ...{ packages: [hello], closure: { before: 1000, after: 3000 }, notes: [] },
      },
    ],
    problems: [{ subject: "home you@laptop", message: "It is away" }],
  };
  const options = { colors: plain, verbose: false, showTrace: false, width: 80 };
  expect(renderHomePlan(plan, options)).toMatchInlineSnapshot(`
    "  ~ update  home  me@laptop  me@laptop
          from      home-manager-generation (aaaaaaa), generation 4
          to        home-manager-generation (bbbbbbb)
          packages  1 up
            ↑ hello  2.10 → 2.12    +100 B
          size      3.0 kB (+2.0 kB)

    Stands in the way
      ✗ home you@laptop: It is away

    1 home to switch, 1 problem
    "
  `);
});
