import { expect, test } from "vitest";
import { describeGenerations } from "../../../src/generations/describe.ts";
import { readAnswer } from "../../../src/generations/observe.ts";

const path = (letter: string, name: string): string => `/nix/store/${letter.repeat(32)}-${name}`;
const first = path("a", "nixos-system-crown-24.05");
const second = path("b", "nixos-system-crown-24.11");

/** As a machine answers: two systems that share glibc, and a third generation that is the first system again. */
const answer = (lines: readonly string[] = []): string =>
  [
    "profile\t/nix/var/nix/profiles/system\tsystem-3-link",
    `running\t${first}`,
    `booted\t${second}`,
    `record\t2\t${second}\thome\t${"c".repeat(12)}\tme@desk\t1700000200`,
    `record\t9\t${first}\thome\t${"d".repeat(12)}\tyou@desk\t1600000000`,
    "record\ttorn",
    `generation\t1\t${first}\t1700000100\t24.05\t\t${path("k", "linux-6.1.1")}/bzImage`,
    `generation\t10\t${path("z", "gone")}\t1600000000\t\t\t`,
    `generation\t2\t${second}\t1700000200\t24.11\t\t${path("l", "linux-6.6.2")}/bzImage`,
    `generation\t3\t${first}\t1700000300\t24.05\t\t${path("k", "linux-6.1.1")}/bzImage`,
    ...lines,
    `name\t${"a".repeat(32)}-nixos-system-crown-24.05`,
    `name\t${"g".repeat(32)}-glibc-2.38`,
    `name\t${"h".repeat(32)}-hello-2.10`,
    "path\t0\t100\t1\t2",
    "path\t1\t30\t1",
    "path\t2\t5\t1",
    `name\t${"b".repeat(32)}-nixos-system-crown-24.11`,
    `name\t${"i".repeat(32)}-hello-2.12`,
    "path\t3\t101\t1\t4",
    "path\t4\t7\t1",
    "",
  ].join("\n");

test("readAnswer() sorts generations by number and passes over records that are torn", () => {
  const { generations, current, running, booted, records } = readAnswer(answer());
  expect(generations.map(({ number }) => number)).toEqual([1, 2, 3, 10]);
  expect({ current, running, booted }).toEqual({ current: 3, running: first, booted: second });
  expect(records.map(({ number }) => number)).toEqual([2, 9]);
});

test("closures are followed through references, those that refer to themselves too", () => {
  const { closures } = readAnswer(answer());
  expect([...(closures.of(second) ?? [])]).toEqual([
    [`${"b".repeat(32)}-nixos-system-crown-24.11`, 101],
    [`${"g".repeat(32)}-glibc-2.38`, 30],
    [`${"i".repeat(32)}-hello-2.12`, 7],
  ]);
  expect(closures.of(path("z", "gone"))).toBeUndefined();
});

test("describeGenerations() says what runs, was booted and boots next, and what changed", () => {
  const [gone, third, two, one] = describeGenerations(readAnswer(answer()));
  expect(gone).toMatchObject({ number: 10, isCurrent: false });
  expect(gone?.packages).toBeUndefined();
  expect(third).toMatchObject({
    number: 3,
    isCurrent: true,
    isBooted: false,
    isNext: true,
    sameAs: 1,
    kernel: "6.1.1",
  });
  expect(two).toMatchObject({
    number: 2,
    isBooted: true,
    isNext: false,
    by: "me@desk",
    fleet: "home",
    revision: "c".repeat(12),
    closureSize: 138,
    packages: { since: 1, sizeDelta: 3 },
  });
  expect(two?.packages?.changes.map(({ name, kind }) => `${name} ${kind}`)).toContain("hello upgraded");
  // The number of the record is another generation's by now, but the system is the same.
  expect(one).toMatchObject({ number: 1, isCurrent: false, revision: "d".repeat(12) });
  expect(one?.by).toBeUndefined();
});

test("a generation that failed is marked, unless it was confirmed later", () => {
  const { generations } = readAnswer(answer([`failed\t1\t${first}`, `failed\t2\t${second}`, `failed\t3\t${second}`]));
  expect(generations.map(({ number, isFailed = false }) => [number, isFailed])).toEqual([
    [1, true],
    [2, false],
    [3, false],
    [10, false],
  ]);
});

test("of a home the profile's own generation is the one the user has", () => {
  const text = `profile\t/home/me/.local/state/nix/profiles/home-manager\thome-manager-1-link\ngeneration\t1\t${first}\t1\t24.05\t\t\ngeneration\t2\t${second}\t2\t24.11\t\t\n`;
  const [two, one] = describeGenerations(readAnswer(text));
  expect(one).toMatchObject({ isCurrent: true, isNext: false });
  expect(two).toMatchObject({ isCurrent: false });
});
