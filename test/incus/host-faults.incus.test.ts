/**
 * What becomes of a machine when a switch goes wrong: each fault on a real machine over the real SSH, and afterwards which system runs, which
 * one boots, and floe's exit code. The table is printed at the end.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { type Bench, makeBench } from "./host-faults/bench.ts";
import { type Fault, faults, harmless, switchTo } from "./host-faults/faults.ts";

describe.skipIf(skipIncus() || skipMachines())("faults of a switch", { timeout: 180_000 }, () => {
  let incus: TestIncus;
  let bench: Bench;
  const rows: string[][] = [["Fault", "What runs", "What boots", "Exit code"]];
  beforeAll(async () => {
    incus = await testIncus();
    bench = await makeBench(incus);
  }, 400_000);
  afterAll(async () => {
    console.log(tableOf(rows));
    await bench?.remove();
    await incus?.remove();
  });

  const chosen = faults.filter(({ isThorough }) => isThorough !== true || process.env.FLOE_FAULTS === "all");
  test.each(chosen)("$name", async (fault) => {
    const { host = "crown", edit = harmless, mend } = fault;
    await bench.edit(host, edit);
    try {
      const { exitCode, stdout, stderr } = await (fault.act?.(bench, host) ?? bench.floe(switchTo(host)));
      const standing = await bench.standing(host);
      rows.push([fault.name, standing.runs, standing.boots, String(exitCode ?? "killed")]);
      expect({ ...standing, exitCode }, stdout + stderr).toEqual(wanted(fault));
      if (fault.expect.says !== undefined) expect(stdout + stderr).toMatch(fault.expect.says);
    } finally {
      await mend?.(bench);
      await bench.reset(host);
    }
  });
});

function wanted({ expect: { runs, boots, exitCode } }: Fault): object {
  return { runs, boots, exitCode };
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  return [lines[0], `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.slice(1)].join("\n");
}
