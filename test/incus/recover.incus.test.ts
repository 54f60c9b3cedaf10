/**
 * floe killed (SIGKILL) at every step of every way to change an instance, and applied again. Whatever the moment: at no
 * time do two instances run on the volume, the next apply ends with what was asked for, and the data is whole.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { tinyImage } from "../support/tiny-image.ts";
import { type Case, changes, Trial } from "./recover-trial.ts";

const before = (change: Case["change"], ...steps: string[]): Case[] =>
  steps.map((step) => ({ change, crash: { step, when: "before" } }));
const during = (change: Case["change"], ...steps: string[]): Case[] =>
  steps.map((step) => ({ change, crash: { step, when: "during" } }));
const twice = (change: Case["change"], step: string, ...steps: string[]): Case[] =>
  steps.map((word) => ({ change, crash: { step, when: "before" }, again: { step: word, when: "before" } }));

const everyCase: readonly Case[] = [
  ...before(
    "swap",
    "create",
    "mark",
    "stop",
    "park",
    "set-aside",
    "hand-over",
    "take-over",
    "carry",
    "start",
    "health",
    "commit",
    "discard",
    "retire",
    "alias",
  ),
  ...during("swap", "create", "stop", "start", "commit"),
  ...before("create", "create", "start", "health"),
  ...during("create", "create"),
  ...before("restart", "stop", "start", "commit"),
  ...before("rollback", "prepare", "stop", "hand-over", "health", "retire"),
  // The recovery of a killed apply is killed as well.
  ...twice("swap", "health", "set-aside", "put-back", "start"),
  // The undo of a change that was not healthy is killed: the second park is the undo's own.
  { change: "undo", crash: { step: "park", when: "before", count: 2 } },
  ...before("undo", "put-back"),
  ...before(
    "warm",
    "carry",
    "isolate",
    "trial-start",
    "trial-health",
    "trial-stop",
    "mark",
    "stop",
    "hand-over",
    "take-over",
    "start",
    "health",
    "commit",
    "retire",
  ),
  ...during("warm", "trial-start", "trial-stop"),
  ...before("warm-undo", "stop", "set-aside"),
  ...twice("warm", "trial-health", "stop", "discard"),
  ...before("rebuild", "mark", "stop", "update", "rebuild", "carry", "start", "health", "commit"),
  ...during("rebuild", "stop", "rebuild", "start", "commit"),
  // The second ones are those of the undo.
  { change: "rebuild-undo", crash: { step: "rebuild", when: "after", count: 2 } },
  { change: "rebuild-undo", crash: { step: "rebuild", when: "before", count: 2 } },
  { change: "rebuild-undo", crash: { step: "rebuild", when: "during", count: 2 } },
  ...before("rebuild-undo", "revert"),
  { change: "rebuild-undo", crash: { step: "start", when: "before", count: 2 } },
  ...twice("rebuild", "carry", "rebuild", "revert", "start"),
  ...before("rebuild-rollback", "rebuild", "health", "commit"),
];

/** FLOE_FAULTS=all kills at every step of every change; otherwise at every step of a swap, and at each eighth of the others. */
const cases = everyCase.filter(
  ({ change, crash }, index) =>
    process.env.FLOE_FAULTS === "all" || (change === "swap" && crash.when === "before") || index % 8 === 0,
);

/** Enough to keep two processors busy. */
const lanes = 3;

describe.skipIf(skipIncus())("floe killed at any step", () => {
  let incus: TestIncus;
  let runner: string;
  const folder = mkdtempSync(path.join(tmpdir(), "floe-recover-"));
  beforeAll(async () => {
    incus = await testIncus();
    runner = await bundle(folder);
    // Before the clock runs.
    const pages = Array.from({ length: lanes }, (_, lane) =>
      ["a", "b", "too"].map((page) => `lane${lane + 1}-${page}`),
    ).flat();
    await Promise.all(pages.map((page) => tinyImage({ page })));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await incus.remove();
  });

  test("the next apply ends right, with the data whole", { timeout: 900_000 }, async () => {
    const rows: string[][] = [];
    const failures: unknown[] = [];
    let next = 0;
    const lane = async (number: number): Promise<void> => {
      const trial = new Trial(incus, runner, `lane${number}`);
      for (let one = cases[next++]; one !== undefined; one = cases[next++]) {
        const { change, crash, again } = one;
        const name = [change, `${crash.when} ${crash.step}`, again === undefined ? "" : `then before ${again.step}`];
        try {
          rows.push([...name, ...(await trial.run(one))]);
        } catch (error) {
          rows.push([...name, "FAILED", String((error as Error).message).split("\n")[0] ?? ""]);
          failures.push(new Error(name.join(" "), { cause: error }));
          await trial.startAfresh();
        }
      }
      trial.end();
    };
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number + 1)));
    console.info(
      table([
        ["change", "killed", "", "left behind", "outcome of the next apply"],
        ...rows.sort(by(Object.keys(changes))),
      ]),
    );
    expect(failures).toEqual([]);
    expect(rows).toHaveLength(cases.length);
  });
});

// --- internal ---

/** The runner as one file that starts quickly. */
async function bundle(folder: string): Promise<string> {
  const file = path.join(folder, "runner.mjs");
  const build = await rolldown({
    input: path.join(import.meta.dirname, "recover-runner.ts"),
    platform: "node",
    external: ["bufferutil", "utf-8-validate"],
    logLevel: "silent",
  });
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
  return file;
}

function by(order: readonly string[]): (a: readonly string[], b: readonly string[]) => number {
  return (a, b) => order.indexOf(a[0] ?? "") - order.indexOf(b[0] ?? "");
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
