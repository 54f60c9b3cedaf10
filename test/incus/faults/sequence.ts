/**
 * One instance to which anything happens, and what is known of it: the model. `Sequence` is the real one; the commands, in
 * `commands.ts`, say what each of them may lead to.
 */
import { expect } from "vitest";
import { connect } from "../../../src/incus/connect.ts";
import type { IncusClient } from "../../../src/incus/types.ts";
import type { FloeEvent } from "../../../src/report/events.ts";
import { type ContainerSpec, outcomes, servesPage, told, type World, worldOf } from "../apply-support.ts";
import type { Crash, Orders } from "../recover-runner.ts";
import type { Fault, Victim } from "./faults.ts";
import type { Lab } from "./lab.ts";
import { trapAt } from "./walk.ts";
import { runUntilKilled, type Strategy } from "./way.ts";

/** Some three seconds. */
const serveAttempts = 10;

export const pages = ["a", "b", "c"] as const;
export type Page = (typeof pages)[number];

/** What is true. */
export interface Model {
  /** What the project says. */
  page: Page;
  /** Its image never serves. */
  broken: boolean;
  update: Exclude<Strategy, "in-place">;
  setting: number;
  /** What may serve: one page, or after something went wrong one of several, or none until the next apply. */
  serves: readonly (Page | undefined)[];
  /** Where a rollback goes to, where that is known. */
  previous: Page | "unknown" | undefined;
  /** Somebody has deleted images: then a rebuild has no way back, and a rollback neither. */
  imageMayBeGone: boolean;
  /** On the volume. */
  count: number;
  /** What somebody set by hand. */
  byHand: string | undefined;
}

export interface SequenceOptions {
  readonly name: string;
  /** See `recover-runner.ts`. */
  readonly runner: string;
  /** What was done how often. */
  readonly tally: Map<string, number>;
}

export class Sequence {
  readonly lab: Lab;
  readonly name: string;
  readonly #runner: string;
  readonly #client: IncusClient;
  /** By the way that can be broken. */
  readonly #world: World;
  /** By the other one. */
  readonly #eye: World;

  readonly #tally: Map<string, number>;

  private constructor(lab: Lab, { name, runner, tally }: SequenceOptions, client: IncusClient) {
    this.lab = lab;
    this.name = name;
    this.#runner = runner;
    this.#tally = tally;
    this.#client = client;
    this.#world = worldOf(client, "default");
    this.#eye = worldOf(lab.client, "default", this.#world.root);
  }

  static async begin(lab: Lab, options: SequenceOptions): Promise<{ model: Model; real: Sequence }> {
    const client = await connect({ name: "local", kind: "unix", socket: lab.cut.path });
    const real = new Sequence(lab, options, client);
    const model: Model = {
      page: "a",
      broken: false,
      update: "swap",
      setting: 0,
      serves: ["a"],
      previous: undefined,
      imageMayBeGone: false,
      count: 0,
      byHand: undefined,
    };
    expect(await real.apply(model)).toBe(0);
    // Something to be carried over.
    await real.#eye.sh(options.name, `echo ${"0123456789abcdef".repeat(2)} > /etc/machine-id`);
    return { model, real };
  }

  /** Answers the exit code; `refused` where the image that runs is gone, and with it the way back from a rebuild. */
  async apply(model: Model, emit?: (event: FloeEvent) => void): Promise<number | "refused"> {
    const options = { fleet: this.name, ...(emit === undefined ? {} : { emit }) };
    const applied = await this.#world.apply(this.containers(model), options).catch((error: Error) => {
      if (error.message.includes("a rebuild could not be undone")) return undefined;
      throw error;
    });
    if (applied === undefined) {
      this.#note("applies refused");
      return "refused";
    }
    const { report } = applied;
    // Where nothing is to go wrong.
    if (report.exitCode !== 0 && !model.broken && emit === undefined)
      console.error(`${this.name}: ${outcomes(report).join("\n")}`);
    this.#note(report.exitCode === 0 ? "applies done" : "applies undone");
    return report.exitCode;
  }

  /** Answers the exit code, and undefined where floe refuses. */
  async rollback(model: Model): Promise<number | undefined> {
    try {
      const { report } = await this.#world.rollback(this.containers(model), this.name, { fleet: this.name });
      this.#note("rollbacks");
      return report.exitCode;
    } catch {
      return undefined;
    }
  }

  /** True when it was killed before it had ended. */
  async killed(model: Model, verb: Orders["verb"], crash: Crash): Promise<boolean> {
    const orders: Orders = {
      verb,
      crash,
      socket: this.lab.direct,
      project: "default",
      root: this.#world.root,
      fleet: this.name,
      containers: this.containers(model),
      name: this.name,
    };
    const wasKilled = (await runUntilKilled(this.#runner, JSON.stringify(orders))) === undefined;
    this.#note(wasKilled ? `killed in ${verb}` : `killed too late in ${verb}`);
    return wasKilled;
  }

  /** An apply with a fault at one of its steps; true when it came to that. */
  async struck(model: Model, fault: Fault, step: string): Promise<boolean> {
    const trap = trapAt(fault, this.#victim(model), step);
    await this.apply(model, trap.emit).catch(() => {});
    const hasStruck = await trap.hasStruck();
    await fault.mend?.(this.lab);
    this.lab.cut.mend();
    if (hasStruck) this.#note(`× ${fault.name}`);
    return hasStruck;
  }

  async writeCount(count: number): Promise<void> {
    await this.#eye.sh(this.name, `echo ${count} > /data/count`);
  }

  async setByHand(value: string): Promise<void> {
    await this.lab.client.patchInstance("default", this.name, { config: { "user.by-hand": value } });
  }

  async serves(): Promise<Page | undefined> {
    const page = await this.#eye.page(this.name).catch(() => undefined);
    return pages.find((one) => one === page);
  }

  /** What is true at any time. Answers what serves. */
  async check(model: Model): Promise<Page | undefined> {
    const mine = (await this.#eye.instances()).filter((line) => line.startsWith(this.name));
    expect(mine.length, "every instance is lost").toBeGreaterThan(0);
    expect(mine.filter((line) => line.includes(" Running ")).length, mine.join(", ")).toBeLessThanOrEqual(
      model.update === "swap-warm" ? 2 : 1,
    );
    const file = `/1.0/storage-pools/${this.lab.pool}/volumes/custom`;
    expect(await this.lab.ask("GET", file), "the volume is lost").toContain(`${file}/${this.name}-data`);
    const served = await this.#servesWithin(model);
    expect(model.serves, `what serves of ${mine.join(", ")}`).toContain(served);
    if (served === undefined) return served;
    expect(await this.#eye.sh(this.name, "cat /data/count 2> /dev/null || echo 0")).toBe(String(model.count));
    return served;
  }

  /** What is true after an apply that went well. */
  async checkSettled(model: Model): Promise<void> {
    const plan = await this.#eye.plan(this.containers(model), { fleet: this.name });
    expect(told(plan).filter((line) => !/^none|^orphan|by-hand|user\.other/.test(line))).toEqual([]);
    const { config = {} } = (await this.lab.client.getInstance("default", this.name))?.value ?? {};
    expect(config["user.by-hand"]).toBe(model.byHand);
    expect(config["environment.SETTING"]).toBe(String(model.setting));
    expect(config["user.floe.role"]).toBe("current");
  }

  async end(): Promise<void> {
    const { client, pool } = this.lab;
    for (const { name } of await client.listInstances("default")) {
      if (!name.startsWith(this.name) && name !== `too-${this.name}`) continue;
      await client.setInstanceState("default", name, "stop", { force: true });
      await client.deleteInstance("default", name);
    }
    await this.lab.ask("DELETE", `/1.0/storage-pools/${pool}/volumes/custom/${this.name}-data`);
    const own = [this.name, `too-${this.name}`];
    for (const { fingerprint, properties } of await client.listImages("default"))
      if (own.includes(properties["floe.container"] ?? "")) await client.deleteImage("default", fingerprint);
    this.#client.close();
    this.#world.removeRoot();
  }

  containers({ page, broken, update, setting }: Model): Record<string, ContainerSpec> {
    const volumes = { "/data": { pool: this.lab.pool, name: `${this.name}-data`, existing: false } };
    const health = [{ ...servesPage, withinMs: broken ? 300 : 10_000 }];
    const config = { "environment.SETTING": String(setting) };
    return {
      [this.name]: {
        page,
        ...(broken ? { broken: "silent" as const } : {}),
        instances: { [this.name]: { update, keep: 2, volumes, health, config } },
      },
      // It shares the volume, which is what allows a warm swap.
      [`too-${this.name}`]: { page: "too", instances: { [`too-${this.name}`]: { volumes, autostart: false } } },
    };
  }

  /** A predecessor that was put back is up, but may need a moment to serve; one that may be down is not waited for. */
  async #servesWithin({ serves }: Model): Promise<Page | undefined> {
    for (let attempt = 1; ; attempt++) {
      const page = await this.serves();
      if (page !== undefined || serves.includes(undefined) || attempt === serveAttempts) return page;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  #note(word: string): void {
    this.#tally.set(word, (this.#tally.get(word) ?? 0) + 1);
  }

  #victim({ page }: Model): Victim {
    return { lab: this.lab, name: this.name, image: { fresh: `${this.name}-${page}-`, old: `/${this.name}-` } };
  }
}
