import { expect, test } from "vitest";
import { readProfiles } from "../../../src/generations/gc.ts";
import { sortProfiles } from "../../../src/generations/gc-policy.ts";

const day = 86_400;
const now = 1_000 * day;
const profiles = "/nix/var/nix/profiles";

/** Generations 1 to `count` of a profile, one a day, the last of today. */
const generations = (profile: string, count: number, current: number | string, path = "p"): string =>
  Array.from(
    { length: count },
    (_, index) =>
      `generation\t${profile}\troot\t${profile.split("/").at(-1)}-${current}-link\t${index + 1}\t${now - (count - 1 - index) * day}\t${path}${index + 1}\n`,
  ).join("");
const read = (text: string) => readProfiles(`now\t${now}\n${text}`);
const reasons = (text: string, keep: number, keepDays: number) =>
  sortProfiles(read(text), { keep, keepDays }).map(({ kept, dropped }) => ({
    kept: Object.fromEntries(kept.map((one) => [one.number, one.reasons.join(" ")])),
    dropped: dropped.map(({ number }) => number),
  }));

test("what is new or young is kept, whichever it is", () => {
  expect(reasons(generations(`${profiles}/system`, 6, 6), 2, 0)).toEqual([
    { kept: { 5: "newest", 6: "boots newest" }, dropped: [1, 2, 3, 4] },
  ]);
  expect(reasons(generations(`${profiles}/system`, 6, 6), 1, 3)).toEqual([
    { kept: { 4: "young", 5: "young", 6: "boots newest young" }, dropped: [1, 2, 3] },
  ]);
});

test("what runs, was booted, boots next or is told to boot is kept, however old", () => {
  const text = `running\tp2\nbooted\tp3\nentry\t4\n${generations(`${profiles}/system`, 8, 1)}`;
  expect(reasons(text, 1, 0)).toEqual([
    { kept: { 1: "boots", 2: "running", 3: "booted", 4: "boots", 8: "newest" }, dropped: [5, 6, 7] },
  ]);
});

test("profiles of users keep what is current; what runs on the machine is no matter to them", () => {
  const text = `running\tp2\n${generations("/home/me/.local/state/nix/profiles/home-manager", 3, 1)}`;
  expect(reasons(text, 1, 0)).toEqual([{ kept: { 1: "current", 3: "newest" }, dropped: [2] }]);
});

test("where the current one cannot be told, everything is kept", () => {
  expect(reasons(generations(`${profiles}/per-user/me/tools`, 3, "x"), 1, 0)[0]?.dropped).toEqual([]);
});

test("profiles of the machine come first, then homes, then users' own", () => {
  const text = ["per-user/me/home-manager", "per-user/me/profile", "system", "system-profiles/test"]
    .map((name) => generations(`${profiles}/${name}`, 1, 1))
    .join("");
  expect(read(text).profiles.map(({ profile, kind }) => `${kind} ${profile.slice(profiles.length + 1)}`)).toEqual([
    "system system",
    "system system-profiles/test",
    "home per-user/me/home-manager",
    "user per-user/me/profile",
  ]);
});
