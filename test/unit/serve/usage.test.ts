import { expect, test } from "vitest";
import type { IncusInstance } from "../../../src/incus/types.ts";
import { usageMeter } from "../../../src/serve/live/usage.ts";

const instance = (cpuSeconds: number, startedAt = "a", status = 103) =>
  ({
    state: {
      status: "",
      status_code: status,
      pid: 1,
      started_at: startedAt,
      memory: { usage: 1000, total: 0 },
      cpu: { usage: cpuSeconds * 1e9 },
    },
  }) as unknown as IncusInstance;

test("processors kept busy, between two looks", () => {
  const meter = usageMeter();
  expect(meter("a", instance(1), 0)).toEqual({ memory: 1000 });
  expect(meter("a", instance(2.5), 1000)).toEqual({ cpu: 1.5, memory: 1000 });
  expect(meter("a", instance(2.5), 1000)).toEqual({ cpu: 1.5, memory: 1000 });
  expect(meter("a", instance(2.5), 2000)).toEqual({ cpu: 0, memory: 1000 });
});

test("a restart begins anew, and what is stopped uses nothing", () => {
  const meter = usageMeter();
  meter("a", instance(100), 0);
  expect(meter("a", instance(0.1, "b"), 1000)).toEqual({ memory: 1000 });
  expect(meter("a", instance(0.2, "b"), 2000).cpu).toBe(0.1);
  expect(meter("a", instance(0, "b", 102), 3000)).toEqual({});
  expect(meter("a", instance(0.3, "b"), 4000).cpu).toBeUndefined();
});

test("memory that is bounded", () => {
  const bounded = { state: { status_code: 103, memory: { usage: 5, total: 10 } } } as unknown as IncusInstance;
  expect(usageMeter()("a", bounded, 0)).toEqual({ memory: 5, memoryLimit: 10 });
});
