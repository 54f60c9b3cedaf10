import { expect, test } from "vitest";
import { compareLocks } from "../../../../src/plan/hosts/locks.ts";

interface Node {
  readonly rev?: string;
  readonly narHash?: string;
  readonly at?: number;
}

const lock = (inputs: Readonly<Record<string, Node | readonly string[]>>) =>
  JSON.stringify({
    version: 7,
    root: "root",
    nodes: {
      root: {
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([name, node]) => [name, Array.isArray(node) ? node : `${name}_2`]),
        ),
      },
      ...Object.fromEntries(
        Object.entries(inputs).flatMap(([name, node]) =>
          Array.isArray(node)
            ? []
            : [
                [
                  `${name}_2`,
                  {
                    locked: {
                      rev: (node as Node).rev,
                      narHash: (node as Node).narHash,
                      lastModified: (node as Node).at,
                    },
                  },
                ],
              ],
        ),
      ),
    },
  });
const day = 86_400;

test("compareLocks() tells what is newer, older, new and gone", () => {
  const before = lock({
    nixpkgs: { rev: "4a1f2c0aaaa", narHash: "sha256-a", at: 100 * day },
    back: { rev: "bbbbbbbbb", narHash: "sha256-b", at: 100 * day },
    same: { rev: "1111111", narHash: "sha256-s", at: 1 },
    gone: { rev: "2222222", narHash: "sha256-g", at: 1 },
  });
  const after = lock({
    nixpkgs: { rev: "9c0e771bbbb", narHash: "sha256-c", at: 103 * day },
    back: { rev: "ccccccccc", narHash: "sha256-d", at: 100 * day - 7200 },
    same: { rev: "1111111", narHash: "sha256-s", at: 1 },
    disko: { rev: "3333333", narHash: "sha256-n", at: 1 },
  });
  expect(compareLocks(before, after)).toEqual([
    "back bbbbbbb → ccccccc (2 hours older)",
    "disko is new",
    "gone is gone",
    "nixpkgs 4a1f2c0 → 9c0e771 (3 days newer)",
  ]);
});

test("compareLocks() knows an input without a commit by its hash, and one that follows by what it follows", () => {
  const before = lock({ nixpkgs: { narHash: "sha256-AAAAAAAAAA" }, other: ["nixpkgs"] });
  const after = lock({ nixpkgs: { narHash: "sha256-BBBBBBBBBB" }, other: ["nixpkgs"] });
  expect(compareLocks(before, after)).toEqual(["nixpkgs AAAAAAA → BBBBBBB", "other AAAAAAA → BBBBBBB"]);
  expect(compareLocks(before, before)).toEqual([]);
});

test("compareLocks() makes nothing of what is no lock", () => {
  expect(compareLocks("{", lock({}))).toBeUndefined();
  expect(compareLocks(lock({}), "[]")).toBeUndefined();
});
