/**
 * floe killed (SIGKILL) at every step of every way to change an instance, and applied again. Whatever the moment: at no
 * time do two instances run on the volume, the next apply ends with what was asked for, and the data is whole.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listWholeInstances } from "../../src/plan/list-instances.ts";
import { skipIncus, type TestIncus, testIncus, testSocket } from "../support/incus.ts";
import { tinyImage } from "../support/tiny-image.ts";
import { type ContainerSpec, outcomes, servesPage, told, type World, worldOf } from "./apply-support.ts";
import type { Crash, Orders } from "./recover-runner.ts";

interface Case {
  /** What is done when floe is killed. */
  readonly change: "swap" | "create" | "restart" | "rollback" | "undo";
  readonly crash: Crash;
  /** A second kill, in the apply that recovers. */
  readonly again?: Crash;
}

const before = (change: Case["change"], ...steps: string[]): Case[] =>
  steps.map((step) => ({ change, crash: { step, when: "before" } }));
const during = (change: Case["change"], ...steps: string[]): Case[] =>
  steps.map((step) => ({ change, crash: { step, when: "during" } }));
const twice = (step: string, ...steps: string[]): Case[] =>
  steps.map((word) => ({ change: "swap", crash: { step, when: "before" }, again: { step: word, when: "before" } }));

const cases: readonly Case[] = [
  ...before(
    "swap",
    "create",
    "mark",
    "stop",
    "park",
    "set-aside",
    "hand-over",
    "take-over",
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
  ...twice("health", "set-aside", "put-back", "start"),
  // The undo of a change that was not healthy is killed: the second park is the undo's own.
  { change: "undo", crash: { step: "park", when: "before", count: 2 } },
  ...before("undo", "put-back"),
];

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
      ["a", "b"].map((page) => `lane${lane + 1}-${page}`),
    ).flat();
    await Promise.all(pages.map((page) => tinyImage({ page })));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await incus.remove();
  });

  test("the next apply ends right, with the data whole", { timeout: 400_000 }, async () => {
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
        ...rows.sort(by(cases.map(({ change }) => change))),
      ]),
    );
    expect(failures).toEqual([]);
    expect(rows).toHaveLength(cases.length);
  });
});

// --- internal ---

/** One instance that is changed and killed again and again. */
class Trial {
  readonly #incus: TestIncus;
  readonly #runner: string;
  /** Of the fleet and the container; counts up when a case goes wrong, so that the next one begins with nothing. */
  #name: string;
  #age = 0;
  #world: World;
  #page = "a";
  #setting = 0;
  #count = 0;
  /** As it is to be: another apply would do nothing. */
  #isReady = false;

  constructor(incus: TestIncus, runner: string, name: string) {
    this.#incus = incus;
    this.#runner = runner;
    this.#name = `${name}-${this.#age}`;
    this.#world = worldOf(incus.client, incus.project);
  }

  /** Answers what the kill left behind, and the outcome. */
  async run({ change, crash, again }: Case): Promise<string[]> {
    await this.#prepare(change);
    const goal = this.#goal(change);
    await this.#kill(
      change === "rollback" ? "rollback" : "apply",
      change === "undo" ? this.#containers({ broken: "silent" }) : goal,
      crash,
    );
    const left = await this.#leftovers();
    if (again !== undefined) await this.#kill("apply", goal, again);
    if (again !== undefined) await this.#leftovers();
    const { plan, report } = await this.#world.apply(goal, { fleet: this.#name });
    expect(report.exitCode, outcomes(report).join("\n")).toBe(0);
    await this.#check(goal);
    this.#isReady = true;
    const method = plan.changes.flatMap((one) =>
      one.kind === "instance" ? [[one.method, one.then].filter(Boolean).join(", then ")] : [],
    );
    return [left, `${method.join() || "nothing to do"}: ${outcomes(report).length} done`];
  }

  async startAfresh(): Promise<void> {
    this.#age += 1;
    this.#name = `${this.#name.split("-")[0]}-${this.#age}`;
    this.#count = 0;
    this.#isReady = false;
  }

  end(): void {
    this.#world.removeRoot();
  }

  /** What runs, and a new number on the volume. */
  async #prepare(change: Case["change"]): Promise<void> {
    if (change === "create") return this.startAfresh();
    if (!this.#isReady) await this.#world.apply(this.#containers(), { fleet: this.#name });
    this.#isReady = true;
    const needsPrevious = change === "rollback" || change === "swap";
    if (needsPrevious && !(await this.#world.instances()).some((line) => line.startsWith(`${this.#name}-previous: `))) {
      this.#page = this.#page === "a" ? "b" : "a";
      await this.#world.apply(this.#containers(), { fleet: this.#name });
    }
    this.#count += 1;
    await this.#world.sh(this.#name, `echo ${this.#count} > /data/count`);
  }

  /** What the second apply has to reach. */
  #goal(change: Case["change"]): Record<string, ContainerSpec> {
    if (change === "swap" || change === "undo") this.#page = this.#page === "a" ? "b" : "a";
    if (change === "restart") this.#setting += 1;
    return this.#containers();
  }

  #containers(more: Partial<ContainerSpec> = {}): Record<string, ContainerSpec> {
    const instance = {
      health: [{ ...servesPage, withinMs: more.broken === undefined ? 10_000 : 300 }],
      volumes: { "/data": { pool: "default", name: `${this.#name}-data`, existing: false } },
      config: { "environment.SETTING": String(this.#setting) },
    };
    // Pages of its own: two fleets with the same bytes would share an image.
    return { [this.#name]: { page: this.#pageName(), ...more, instances: { [this.#name]: instance } } };
  }

  #pageName(): string {
    return `${this.#name.split("-")[0]}-${this.#page}`;
  }

  async #kill(verb: Orders["verb"], containers: Record<string, ContainerSpec>, crash: Crash): Promise<void> {
    const orders: Orders = {
      verb,
      containers,
      crash,
      socket: testSocket() ?? "",
      project: this.#incus.project,
      root: this.#world.root,
      fleet: this.#name,
      name: this.#name,
    };
    const child = spawn(process.execPath, [this.#runner, JSON.stringify(orders)], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const signal = await new Promise((resolve) => child.on("exit", (_code, by) => resolve(by)));
    expect(signal, `the step "${crash.step}" was not reached`).toBe("SIGKILL");
  }

  /** The world right after the kill: never two that run. */
  async #leftovers(): Promise<string> {
    const mine = (await listWholeInstances(this.#incus.client)).filter(
      ({ project, config }) => project === this.#incus.project && config["user.floe.fleet"] === this.#name,
    );
    const running = mine.filter(({ status }) => status === "Running").map(({ name }) => name);
    expect(running.length, running.join(" and ")).toBeLessThanOrEqual(1);
    return (
      mine
        .map(({ name, status }) => `${name.slice(this.#name.length) || "NAME"} ${status.toLowerCase()}`)
        .sort()
        .join(", ") || "no instance"
    );
  }

  async #check(goal: Record<string, ContainerSpec>): Promise<void> {
    const plan = await this.#world.plan(goal, { fleet: this.#name });
    expect(told(plan).filter((line) => !line.startsWith("none "))).toEqual([]);
    expect(await this.#world.page(this.#name)).toBe(this.#pageName());
    expect(await this.#world.sh(this.#name, "cat /proc/1/environ | tr '\\0' '\\n' | sed -n s/SETTING=//p")).toBe(
      String(this.#setting),
    );
    expect(await this.#world.sh(this.#name, "cat /data/count 2> /dev/null || echo 0")).toBe(String(this.#count));
    const all = (await this.#world.instances()).filter(
      (line) => line.startsWith(`${this.#name}:`) || line.startsWith(`${this.#name}-`),
    );
    expect(all.filter((line) => !/-failed: Stopped failed$|-previous: Stopped previous$/.test(line))).toEqual([
      `${this.#name}: Running current`,
    ]);
  }
}

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
