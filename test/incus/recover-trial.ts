/**
 * One instance that is changed and killed again and again, and applied again each time. Whatever the moment of the kill: the
 * next apply ends with what was asked for, and the data is whole.
 */
import { spawn } from "node:child_process";
import { expect } from "vitest";
import type { UpdateStrategy } from "../../src/model/fleet.ts";
import { listWholeInstances } from "../../src/plan/list-instances.ts";
import { type TestIncus, testSocket } from "../support/incus.ts";
import { type ContainerSpec, outcomes, servesPage, told, type World, worldOf } from "./apply-support.ts";
import type { Crash, Orders } from "./recover-runner.ts";

/** What is done when floe is killed, how the instance is updated, and what is to be true of it. */
export const changes = {
  swap: { update: "swap", verb: "apply" },
  create: { update: "swap", verb: "apply" },
  restart: { update: "swap", verb: "apply" },
  rollback: { update: "swap", verb: "rollback" },
  undo: { update: "swap", verb: "apply", broken: "silent" },
  warm: { update: "swap-warm", verb: "apply" },
  "warm-undo": { update: "swap-warm", verb: "apply", broken: "silent" },
  rebuild: { update: "rebuild", verb: "apply" },
  "rebuild-rollback": { update: "rebuild", verb: "rollback" },
  "rebuild-undo": { update: "rebuild", verb: "apply", broken: "silent" },
} as const satisfies Readonly<
  Record<string, { readonly update: UpdateStrategy; readonly verb: Orders["verb"]; readonly broken?: "silent" }>
>;
export type ChangeName = keyof typeof changes;

export interface Case {
  readonly change: ChangeName;
  readonly crash: Crash;
  /** A second kill, in the apply that recovers. */
  readonly again?: Crash;
}

const machineId = "0123456789abcdef0123456789abcdef";

export class Trial {
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
  #update: UpdateStrategy = "swap";

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
    const { verb, ...how } = changes[change];
    await this.#kill(verb, "broken" in how ? this.#containers({ broken: how.broken }) : goal, crash);
    const left = await this.#leftovers(change);
    if (again !== undefined) await this.#kill("apply", goal, again);
    if (again !== undefined) await this.#leftovers(change);
    const { plan, report } = await this.#world.apply(goal, { fleet: this.#name });
    expect(report.exitCode, outcomes(report).join("\n")).toBe(0);
    await this.#check(goal, change);
    this.#isReady = true;
    const method = plan.changes.flatMap((one) =>
      one.kind === "instance" ? [[one.method, one.then].filter(Boolean).join(", then ")] : [],
    );
    return [left, `${method.filter(Boolean).join() || "nothing to do"}: ${outcomes(report).length} done`];
  }

  async startAfresh(): Promise<void> {
    this.#age += 1;
    this.#name = `${this.#name.split("-")[0]}-${this.#age}`;
    this.#count = 0;
    this.#update = "swap";
    this.#isReady = false;
  }

  end(): void {
    this.#world.removeRoot();
  }

  /** What runs, and a new number on the volume. */
  async #prepare(change: ChangeName): Promise<void> {
    if (change === "create") return this.startAfresh();
    this.#update = changes[change].update;
    if (!this.#isReady) await this.#world.apply(this.#containers(), { fleet: this.#name });
    this.#isReady = true;
    if (!(await this.#canGoBack(change))) {
      this.#turnPage();
      await this.#world.apply(this.#containers(), { fleet: this.#name });
    }
    this.#count += 1;
    await this.#world.sh(this.#name, `echo ${this.#count} > /data/count; echo ${machineId} > /etc/machine-id`);
  }

  async #canGoBack(change: ChangeName): Promise<boolean> {
    if (change === "rebuild-rollback") {
      const found = await this.#incus.client.getInstance(this.#incus.project, this.#name);
      return found?.value.config["user.floe.previous-image"] !== undefined;
    }
    if (change !== "rollback" && change !== "swap") return true;
    return (await this.#world.instances()).some((line) => line.startsWith(`${this.#name}-previous: `));
  }

  #turnPage(): void {
    this.#page = this.#page === "a" ? "b" : "a";
  }

  /** What the second apply has to reach. */
  #goal(change: ChangeName): Record<string, ContainerSpec> {
    if (!["create", "restart", "rollback", "rebuild-rollback"].includes(change)) this.#turnPage();
    if (change === "restart") this.#setting += 1;
    return this.#containers();
  }

  #containers(more: Partial<ContainerSpec> = {}): Record<string, ContainerSpec> {
    const instance = {
      update: this.#update,
      health: [{ ...servesPage, withinMs: more.broken === undefined ? 10_000 : 300 }],
      volumes: { "/data": { pool: "default", name: `${this.#name}-data`, existing: false } },
      config: { "environment.SETTING": String(this.#setting) },
    };
    // Pages of its own: two fleets with the same bytes would share an image.
    const lane = this.#name.split("-")[0];
    return {
      [this.#name]: { page: this.#pageName(), ...more, instances: { [this.#name]: instance } },
      // It shares the volume, which is what allows a warm swap.
      [`too-${this.#name}`]: {
        page: `${lane}-too`,
        instances: { [`too-${this.#name}`]: { volumes: instance.volumes } },
      },
    };
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
      stdio: ["ignore", "pipe", "pipe"],
    });
    let words = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (words += String(text)));
    const end = await new Promise<string>((resolve) => child.on("close", (code, by) => resolve(by ?? `exit ${code}`)));
    expect(end, `the step "${crash.step}" was not reached. The runner said:\n${words}`).toBe("SIGKILL");
  }

  /** The world right after the kill: never two that run, save in a trial. */
  async #leftovers(change: ChangeName): Promise<string> {
    const mine = (await listWholeInstances(this.#incus.client)).filter(
      ({ project, config }) => project === this.#incus.project && config["user.floe.instance"] === this.#name,
    );
    const running = mine.filter(({ status }) => status === "Running").map(({ name }) => name);
    expect(running.length, running.join(" and ")).toBeLessThanOrEqual(changes[change].update === "swap-warm" ? 2 : 1);
    return (
      mine
        .map(({ name, status }) => `${name.slice(this.#name.length) || "NAME"} ${status.toLowerCase()}`)
        .sort()
        .join(", ") || "no instance"
    );
  }

  async #check(goal: Record<string, ContainerSpec>, change: ChangeName): Promise<void> {
    const plan = await this.#world.plan(goal, { fleet: this.#name });
    expect(told(plan).filter((line) => !line.startsWith("none "))).toEqual([]);
    expect(await this.#world.page(this.#name)).toBe(this.#pageName());
    expect(await this.#world.sh(this.#name, "cat /proc/1/environ | tr '\\0' '\\n' | sed -n s/SETTING=//p")).toBe(
      String(this.#setting),
    );
    expect(await this.#world.sh(this.#name, "cat /data/count 2> /dev/null || echo 0")).toBe(String(this.#count));
    // A rebuild that is killed between the old root and the new one is the exception, see docs/decisions/strategies.md.
    if (changes[change].update !== "rebuild" && change !== "create")
      expect(await this.#world.sh(this.#name, "cat /etc/machine-id")).toBe(machineId);
    const all = (await this.#world.instances()).filter(
      (line) => line.startsWith(`${this.#name}:`) || line.startsWith(`${this.#name}-`),
    );
    expect(all.filter((line) => !/-failed: Stopped failed$|-previous: Stopped previous$/.test(line))).toEqual([
      `${this.#name}: Running current`,
    ]);
  }
}
