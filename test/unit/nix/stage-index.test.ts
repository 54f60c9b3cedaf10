import type { BigIntStats } from "node:fs";
import { describe, expect, test } from "vitest";
import { readIndex, type StagedFile, stampOf, treeHash, vanished } from "../../../src/nix/stage-index.ts";

const second = 1_000_000_000n;
const stat = {
  dev: 1n,
  ino: 2n,
  size: 3n,
  mode: 0o100644n,
  mtimeNs: 10n * second,
  ctimeNs: 10n * second,
} as BigIntStats;
const file = (hash: string, kind: StagedFile["kind"] = "file"): StagedFile => ({ stamp: "s", hash, kind });

describe("stampOf()", () => {
  test("changes with each of inode, size, mode, modification and change time", () => {
    const stamp = stampOf(stat, 20n * second);
    for (const key of ["ino", "size", "mode", "mtimeNs", "ctimeNs"] as const) {
      expect(stampOf({ ...stat, [key]: stat[key] + 1n } as BigIntStats, 20n * second), key).not.toBe(stamp);
    }
  });

  test("trusts no file that changed just now", () => {
    expect(stampOf(stat, 10n * second + 1n)).toBe("");
  });
});

describe("treeHash()", () => {
  const hash = treeHash({ "a.nix": file("1"), "b/c": file("2") });

  test("does not depend on the order of the files or on their stamps", () => {
    expect(treeHash({ "b/c": { ...file("2"), stamp: "other" }, "a.nix": file("1") })).toBe(hash);
  });

  test("depends on names, contents, kinds and the number of files", () => {
    expect(treeHash({ "a.nix": file("1") })).not.toBe(hash);
    expect(treeHash({ "a.nix": file("1"), "b/d": file("2") })).not.toBe(hash);
    expect(treeHash({ "a.nix": file("1"), "b/c": file("3") })).not.toBe(hash);
    expect(treeHash({ "a.nix": file("1", "exec"), "b/c": file("2") })).not.toBe(hash);
    expect(treeHash({ "a.nix": file("1", "link"), "b/c": file("2") })).not.toBe(hash);
  });
});

describe("the index", () => {
  test("vanished() names what is no longer there", () => {
    expect(vanished({ a: file("1"), b: file("2") }, new Set(["b", "c"]))).toEqual(["a"]);
  });

  test("readIndex() takes no index of another folder or another shape", () => {
    const index = { version: 2, stage: "1:2", folder: "", files: {} };
    expect(readIndex(index, "1:2")).toEqual(index);
    for (const other of [
      undefined,
      null,
      [],
      {},
      { ...index, version: 1 },
      { ...index, stage: "1:3" },
      { ...index, files: [] },
    ]) {
      expect(readIndex(other, "1:2")).toBeUndefined();
    }
  });
});
