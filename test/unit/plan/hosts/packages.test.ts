import { expect, test } from "vitest";
import { comparePackages, kindOf, sortVersions } from "../../../../src/plan/hosts/packages.ts";
import { compareVersions } from "../../../../src/plan/hosts/versions.ts";

/** A closure of `NAME SIZE`; a mark behind the name stands for other content. */
const closure = (...entries: readonly string[]) =>
  new Map(
    entries.map((entry) => {
      const [full = "", size = "1"] = entry.split(" ");
      const [name, mark = "0"] = full.split("#");
      return [`/nix/store/${mark.padStart(32, "0")}-${name}`, Number(size)] as const;
    }),
  );

test.each([
  ["2.9", "2.10"],
  ["1.0pre1", "1.0"],
  ["1.0", "1.0.1"],
  ["1.1.1g", "1.1.1h"],
  ["1.1.1", "1.1.1g"],
  ["2.3a", "2.3.1"],
  ["2.3", "2.3-44"],
  ["9", "10"],
])("compareVersions() has %s older than %s", (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
  expect(compareVersions(newer, newer)).toBe(0);
});

test("kindOf() tells what became of a package", () => {
  expect(kindOf([], ["1"])).toBe("added");
  expect(kindOf(["1"], [])).toBe("removed");
  expect(kindOf(["1"], ["2"])).toBe("upgraded");
  expect(kindOf(["1", "2"], ["1", "3"])).toBe("upgraded");
  expect(kindOf(["2"], ["1"])).toBe("downgraded");
  expect(kindOf(["1", "2"], ["2"])).toBe("removed");
  expect(kindOf(["2"], ["1", "2"])).toBe("added");
  expect(kindOf(["2"], ["2"])).toBe("changed");
});

test("sortVersions() puts the oldest first, each once", () => {
  expect(sortVersions(["10", "9", "10", ""])).toEqual(["", "9", "10"]);
});

test("comparePackages() takes the outputs of a package together and puts the important ones first", () => {
  const before = closure(
    "glibc-2.31 100",
    "glibc-2.31-bin 10",
    "htop-3.0.1 5",
    "gone-1.0 7",
    "same-1.0 3",
    "unit-a.service 1",
  );
  const after = closure(
    "glibc-2.32 120",
    "glibc-2.32-bin 10",
    "htop-3.0.1#1 6",
    "new-2.0 4",
    "same-1.0 3",
    "unit-a.service#1 1",
    "nginx-1.18.0 9",
  );
  expect(comparePackages(before, after, { important: new Set(["nginx"]) })).toEqual([
    { name: "glibc", kind: "upgraded", before: ["2.31"], after: ["2.32"], sizeDelta: 20, important: true },
    { name: "nginx", kind: "added", before: [], after: ["1.18.0"], sizeDelta: 9, important: true },
    { name: "gone", kind: "removed", before: ["1.0"], after: [], sizeDelta: -7, important: false },
    { name: "htop", kind: "changed", before: ["3.0.1"], after: ["3.0.1"], sizeDelta: 1, important: false },
    { name: "new", kind: "added", before: [], after: ["2.0"], sizeDelta: 4, important: false },
    { name: "unit-a.service", kind: "changed", before: [""], after: [""], sizeDelta: 0, important: false },
  ]);
});

test("comparePackages() finds nothing between equal closures", () => {
  expect(comparePackages(closure("a-1", "b-2"), closure("a-1", "b-2"))).toEqual([]);
});
