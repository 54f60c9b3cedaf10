/** What flake.lock alone tells about an update. */
import { expect, test } from "vitest";
import { commitMessage } from "../../../src/update/commit-message.ts";
import { type FlakeLock, readFlakeLock } from "../../../src/update/flake-lock.ts";
import { compareLink, movedInputs, toChange } from "../../../src/update/input-changes.ts";
import { oldInputs } from "../../../src/update/old-inputs.ts";
import { secondNixpkgs } from "../../../src/update/second-nixpkgs.ts";

type Node = Readonly<Record<string, unknown>>;
const day = 86_400;
const now = Date.UTC(2026, 10, 20);
const seconds = now / 1000;

const github = (owner: string, repo: string, rev: string, more: Node = {}): Node => ({
  locked: { type: "github", owner, repo, rev: rev.repeat(40), narHash: `sha256-${rev}`, lastModified: seconds - day },
  original: { type: "github", owner, repo, ref: "nixos-26.05" },
  ...more,
});

function lockOf(nodes: Readonly<Record<string, Node>>): FlakeLock {
  const lock = readFlakeLock(JSON.stringify({ version: 7, root: "root", nodes }));
  if (lock === undefined) throw new Error("no lock");
  return lock;
}

/** home-manager brings a nixpkgs of its own; agenix follows; deep brings one two steps away. */
const crowded = lockOf({
  root: {
    inputs: { nixpkgs: "nixpkgs", "home-manager": "home-manager", agenix: "agenix", pkgs: ["nixpkgs"], deep: "deep" },
  },
  nixpkgs: github("NixOS", "nixpkgs", "a"),
  "home-manager": github("nix-community", "home-manager", "b", { inputs: { nixpkgs: "nixpkgs_2" } }),
  nixpkgs_2: github("nixos", "nixpkgs", "c"),
  agenix: github("ryantm", "agenix", "d", { inputs: { nixpkgs: ["nixpkgs"] } }),
  deep: github("some", "deep", "e", { inputs: { mid: "mid" } }),
  mid: github("some", "mid", "f", { inputs: { nixpkgs: "nixpkgs_3" } }),
  nixpkgs_3: github("NixOS", "nixpkgs", "9"),
});

test("a lock is read: own inputs, those that follow, and all by their shortest path", () => {
  expect(crowded.own.map(({ path }) => path)).toEqual(["agenix", "deep", "home-manager", "nixpkgs"]);
  expect([...crowded.follows]).toEqual([["pkgs", "nixpkgs"]]);
  expect(crowded.find("agenix/nixpkgs")?.node).toBe("nixpkgs");
  expect(crowded.find("deep/mid/nixpkgs")?.node).toBe("nixpkgs_3");
  expect(crowded.find("deep/none")).toBeUndefined();
  expect(crowded.all).toHaveLength(7);
});

test.each(["", "{}", '{"nodes":{}}', "[]", '{"nodes":{},"root":1}'])("%j is no lock", (text) => {
  expect(readFlakeLock(text)).toBeUndefined();
});

test("inputs that follow each other in a circle lead nowhere", () => {
  const lock = lockOf({ root: { inputs: { a: ["b"], b: ["a"] } } });
  expect(lock.find("a")).toBeUndefined();
  expect(lock.own).toEqual([]);
});

test("a second nixpkgs is told with the input that brings it and the line that mends it", () => {
  expect(secondNixpkgs(crowded, "typescript").map(({ path, remedy }) => [path, remedy])).toEqual([
    ["home-manager/nixpkgs", '"home-manager": { url: ..., follows: { nixpkgs: "nixpkgs" } }'],
    [
      "deep/mid/nixpkgs",
      'mid: { url: ..., follows: { nixpkgs: "nixpkgs" } },\ndeep: { url: ..., follows: { mid: "mid" } }',
    ],
  ]);
  expect(secondNixpkgs(crowded, "nix").map(({ remedy }) => remedy)).toEqual([
    'inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";',
    'inputs.deep.inputs.mid.inputs.nixpkgs.follows = "nixpkgs";',
  ]);
});

test("a second nixpkgs that the project names itself, or that is the same one, is not told", () => {
  const lock = lockOf({
    root: { inputs: { nixpkgs: "nixpkgs", unstable: "unstable", tool: "tool" } },
    nixpkgs: github("NixOS", "nixpkgs", "a"),
    unstable: github("NixOS", "nixpkgs", "b"),
    tool: github("some", "tool", "d", { inputs: { nixpkgs: "copy" } }),
    copy: github("NixOS", "nixpkgs", "a"),
  });
  expect(secondNixpkgs(lock, "nix")).toEqual([]);
});

test("inputs are old after 30 days for a nixpkgs and after 180 for others, and say why", () => {
  const aged = (days: number, original: Node, repo: string): Node => ({
    locked: {
      type: "github",
      owner: "o",
      repo,
      rev: "a",
      narHash: `sha256-${repo}${days}`,
      lastModified: seconds - days * day,
    },
    original: { type: "github", owner: "o", repo, ...original },
  });
  const lock = lockOf({
    root: {
      inputs: {
        fresh: "fresh",
        nixpkgs: "nixpkgs",
        pinned: "pinned",
        still: "still",
        younger: "younger",
        over: "over",
        here: "here",
      },
    },
    fresh: aged(30, {}, "nixpkgs"),
    nixpkgs: aged(31, {}, "nixpkgs"),
    pinned: aged(181, { rev: "a" }, "lib"),
    still: aged(200, {}, "lib"),
    younger: aged(180, {}, "lib"),
    over: aged(1, { ref: "nixos-25.05" }, "nixpkgs"),
    here: {
      locked: { type: "path", path: "/srv/x", narHash: "sha256-x", lastModified: 1 },
      original: { type: "path" },
    },
  });
  expect(oldInputs(lock, new Set(["still"]), now)).toEqual([
    { input: "nixpkgs", days: 31, limitDays: 30, why: "not updated" },
    { input: "over", days: 1, limitDays: 30, why: "not updated", ended: { release: "25.05", since: "2026-01" } },
    { input: "pinned", days: 181, limitDays: 180, why: "pinned" },
    { input: "still", days: 200, limitDays: 180, why: "still" },
  ]);
});

test.each([
  [
    { type: "github", owner: "NixOS", repo: "nixpkgs" },
    "https://github.com/NixOS/nixpkgs/compare/aaaaaaaaaaaa...bbbbbbbbbbbb",
  ],
  [
    { type: "github", owner: "o", repo: "r", host: "git.corp" },
    "https://git.corp/o/r/compare/aaaaaaaaaaaa...bbbbbbbbbbbb",
  ],
  [{ type: "gitlab", owner: "o", repo: "r" }, "https://gitlab.com/o/r/-/compare/aaaaaaaaaaaa...bbbbbbbbbbbb"],
  [{ type: "git", url: "ssh://git@github.com/o/r.git" }, "https://github.com/o/r/compare/aaaaaaaaaaaa...bbbbbbbbbbbb"],
  [{ type: "git", url: "https://codeberg.org/o/r" }, "https://codeberg.org/o/r/compare/aaaaaaaaaaaa...bbbbbbbbbbbb"],
  [{ type: "git", url: "https://git.home.lan/o/r" }, undefined],
  [{ type: "git", url: "file:///srv/github.com/o" }, undefined],
  [{ type: "tarball", url: "https://github.com/o/r/archive/main.tar.gz" }, undefined],
])("the difference of %j is shown at %s", (source, link) => {
  const at = (rev: string) => ({ path: "x", node: "x", type: source.type, rev: rev.repeat(40), source, asked: {} });
  expect(compareLink(at("a"), at("b"))).toBe(link);
});

test("a repository that was exchanged for another has no page of the difference", () => {
  const at = (owner: string, rev: string) => ({
    path: "x",
    node: "x",
    type: "github",
    rev,
    source: { owner, repo: "r" },
    asked: {},
  });
  expect(compareLink(at("a", "1"), at("b", "2"))).toBeUndefined();
});

test("inputs that moved: the project's own first, new and gone ones among them; the message tells them", () => {
  const before = lockOf({
    root: { inputs: { gone: "gone", nixpkgs: "nixpkgs", tool: "tool" } },
    gone: github("some", "gone", "1"),
    nixpkgs: github("NixOS", "nixpkgs", "a"),
    tool: github("some", "tool", "d", { inputs: { lib: "lib" } }),
    lib: github("some", "lib", "2"),
  });
  const after = lockOf({
    root: { inputs: { fresh: "fresh", nixpkgs: "nixpkgs", tool: "tool" } },
    fresh: github("some", "fresh", "4"),
    nixpkgs: github("NixOS", "nixpkgs", "b"),
    tool: github("some", "tool", "d", { inputs: { lib: "lib" } }),
    lib: github("some", "lib", "3"),
  });
  const changes = movedInputs(before, after).map((moved) => toChange(moved, undefined));
  expect(changes.map(({ input }) => input)).toEqual(["fresh", "gone", "nixpkgs", "tool/lib"]);
  expect(movedInputs(after, after)).toEqual([]);
  expect(commitMessage(changes)).toBe(
    `flake.lock: update fresh, gone, nixpkgs

fresh     new at 4444444
gone      gone
nixpkgs   aaaaaaa → bbbbbbb (2026-11-19 → 2026-11-19)
  https://github.com/NixOS/nixpkgs/compare/aaaaaaaaaaaa...bbbbbbbbbbbb
tool/lib  2222222 → 3333333 (2026-11-19 → 2026-11-19)
  https://github.com/some/lib/compare/222222222222...333333333333
`,
  );
});

test("a message of many inputs counts them in its first line, which stays short", () => {
  const names = ["nixpkgs", "home-manager", "nixos-hardware", "agenix", "disko"];
  const changes = names.map((input) => ({ input, before: { rev: "a".repeat(40) }, after: { rev: "b".repeat(40) } }));
  expect(commitMessage(changes).split("\n")[0]).toBe("flake.lock: update 5 inputs");
});
