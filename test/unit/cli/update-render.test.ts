/** How an update is shown. */
import { expect, test } from "vitest";
import { plain } from "../../../src/cli/render/style.ts";
import { renderUpdate, type UpdateOptions } from "../../../src/cli/render/update.ts";
import type { PartChange, ProposedUpdate, SecondNixpkgs, SecondUse } from "../../../src/pipeline.ts";

const options: UpdateOptions = { colors: plain, verbose: false, width: 90, outcome: "dry-run" };
const revision = (rev: string, day: number) => ({ rev: rev.repeat(40), lastModified: Date.UTC(2026, 10, day) / 1000 });
const upgraded = (name: string): NonNullable<PartChange["packages"]> => [
  { name, kind: "upgraded", before: ["1.0"], after: ["1.1"], sizeDelta: 0, important: false },
];
const update: ProposedUpdate = {
  asked: ["nixpkgs"],
  inputs: [
    {
      input: "nixpkgs",
      before: revision("a", 1),
      after: revision("b", 20),
      link: "https://github.com/NixOS/nixpkgs/compare/aaa...bbb",
      commits: {
        count: 412,
        isEstimate: false,
        lost: 2,
        newest: [1, 2, 3, 4, 5, 6].map((n) => ({
          rev: `${n}`.repeat(40),
          subject: `package ${n}: 1.0 -> 1.1\u001b[31m`,
        })),
      },
    },
  ],
  parts: [
    { kind: "host", name: "crown", outcome: "changed", packages: upgraded("hello"), packagesFrom: "closures" },
    { kind: "host", name: "nas", outcome: "changed", packages: upgraded("hello"), packagesFrom: "closures" },
    { kind: "host", name: "old", outcome: "still-broken" },
    { kind: "container", name: "web", outcome: "same" },
    { kind: "shell", name: "default", outcome: "changed", packages: upgraded("node"), packagesFrom: "derivations" },
  ],
  problems: [],
  old: [{ input: "agenix", days: 301, limitDays: 180, why: "not updated" }],
  second: [
    { path: "home-manager/nixpkgs", own: "nixpkgs", remedy: 'inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";' },
  ],
  lock: { before: "{}", after: "{ }" },
};

test("hosts that change alike stand together; what is not affected is named; commits are the newest few", () => {
  expect(renderUpdate(update, options)).toMatchInlineSnapshot(`
    "Inputs
      ~ nixpkgs  aaaaaaa → bbbbbbb  2026-11-01 → 2026-11-20 (19 days newer)  412 commits
          its branch was written anew: 2 commits of the old one are not in it
          1111111 package 1: 1.0 -> 1.1
          2222222 package 2: 1.0 -> 1.1
          3333333 package 3: 1.0 -> 1.1
          4444444 package 4: 1.0 -> 1.1
          … and 408 more
          https://github.com/NixOS/nixpkgs/compare/aaa...bbb

    What changes
      ~ hosts crown and nas: 1 up
          ↑ hello  1.0 → 1.1
      ~ shell default: 1 up
          ↑ node  1.0 → 1.1
      ✗ host old: did not evaluate before either
      = not affected: container web

      ! agenix is 301 days old: floe update agenix looks for a newer one
      ! home-manager brings a second nixpkgs (home-manager/nixpkgs) beside "nixpkgs"; this
        makes it the same:
          inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";

    2 hosts and 1 shell change, 1 does not; nothing was kept, as --dry-run says
    "
  `);
});

test("a second nixpkgs: what is built from it, or calmly that nothing is", () => {
  const use = (kind: SecondUse["kind"], name: string, isAlone = false): SecondUse => ({ kind, name, isAlone });
  const one = { own: "nixpkgs", remedy: "a line", rev: "c".repeat(40) };
  const second: SecondNixpkgs[] = [
    {
      ...one,
      path: "home-manager/nixpkgs",
      inClosureOf: [use("host", "crown"), use("host", "nas"), use("container", "web"), use("shell", "default", true)],
    },
    { ...one, path: "deep/mid/nixpkgs", orOf: ["tool/nixpkgs"], inClosureOf: [use("host", "crown")] },
    { ...one, path: "agenix/nixpkgs", inClosureOf: [] },
    { ...one, path: "disko/nixpkgs", inClosureOf: [] },
  ];
  const colors = { ...plain, dim: (text: unknown) => `<${String(text)}>` };
  const shown = { ...update, inputs: [], parts: [], old: [], second };
  expect(renderUpdate(shown, { ...options, colors, outcome: "current" })).toMatchInlineSnapshot(`
    "  ! hosts crown and nas and container web are built from two nixpkgs: home-manager brings
        its own (ccccccc)
      ! shell default is built from a second nixpkgs: what home-manager brings (ccccccc); this
        makes it the same as "nixpkgs":
          a line
      ! host crown is built from two nixpkgs: deep/mid brings its own (ccccccc), or what tool
        brings; this makes it the same as "nixpkgs":
          a line
    <    agenix/nixpkgs and disko/nixpkgs: in flake.lock beside yours; nothing of them is in>
    <    what is built here>

    nixpkgs: nothing newer; flake.lock stays as it is
    "
  `);
});

test("what is wrong with the new lock is told with what became of it", () => {
  const problems = [{ subject: "host crown", message: "The option `x` does not exist", hint: "Mend it" }];
  const parts: PartChange[] = [{ kind: "host", name: "crown", outcome: "broken" }];
  const broken = { ...update, inputs: [], old: [], second: [], parts, problems };
  expect(renderUpdate(broken, { ...options, outcome: "refused" })).toMatchInlineSnapshot(`
    "With the new lock
      ✗ host crown: The option \`x\` does not exist
        hint: Mend it

    flake.lock stays as it was: the new one breaks host crown. To mend that with the new one: --keep
    "
  `);
});

test("one sentence where nothing is newer, and where the question was answered", () => {
  const nothing = { ...update, inputs: [], parts: [], old: [], second: [] };
  expect(renderUpdate(nothing, { ...options, outcome: "current" })).toBe(
    "nixpkgs: nothing newer; flake.lock stays as it is\n",
  );
  expect(renderUpdate(update, { ...options, outcome: "answered" })).toBe(
    "The new flake.lock is kept; floe update --revert goes back\n",
  );
  const commit = { commit: "c".repeat(40), files: ["flake.lock"], isDetached: true };
  expect(renderUpdate(update, { ...options, outcome: "answered", commit })).toBe(
    "The new flake.lock is kept and committed as cccccccccccc (flake.lock), on no branch; git revert goes back\n",
  );
});
