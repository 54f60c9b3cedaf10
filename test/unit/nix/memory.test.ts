import { expect, test } from "vitest";
import { sharingOut } from "../../../src/nix/memory.ts";

const GIGABYTE = 1024 ** 3;
const large = { processors: 8, free: 32 * GIGABYTE };

test("each processor has its share of many parts, and each process a heap of its own", () => {
  const { processes, heapBytes } = sharingOut(20, large, {});
  expect(processes).toBe(5);
  expect(heapBytes).toBeGreaterThan(0.4 * GIGABYTE);
});

test("nix chooses for a few parts: what one NixOS takes fits into its own heap", () => {
  expect(sharingOut(1, large, {})).toEqual({ processes: 1, atOnce: 1 });
  expect(sharingOut(3, large, {})).toEqual({ processes: 1, atOnce: 1 });
});

test("all heaps together stay below a quarter of what is free, and nix chooses where that is less than its own", () => {
  for (const free of [0.5, 1, 2, 3, 4, 6, 8, 16].map((gigabytes) => gigabytes * GIGABYTE)) {
    const { processes, heapBytes = 0 } = sharingOut(40, { processors: 4, free }, {});
    expect(processes * heapBytes).toBeLessThanOrEqual(free / 4);
  }
  expect(sharingOut(40, { processors: 1, free: GIGABYTE }, {})).toEqual({ processes: 1, atOnce: 1 });
});

test("who sets the heap for nix has it", () => {
  expect(sharingOut(20, large, { GC_INITIAL_HEAP_SIZE: "1000000000" })).toEqual({ processes: 5, atOnce: 5 });
});

test("with a cap a process ends when its share is full, and gives its memory back", () => {
  const { processes, atOnce } = sharingOut(20, { processors: 2, free: 2 * GIGABYTE, isCapped: true }, {});
  expect(atOnce).toBe(2);
  expect(processes).toBeGreaterThan(5);
});
