/** `swap`, `swap-warm` and `rebuild`, with images that are made in an instant. Nothing here runs Nix. */
import { expect } from "vitest";
import { connect } from "../../../src/incus/connect.ts";
import type { IncusClient } from "../../../src/incus/types.ts";
import { type ContainerSpec, outcomes, servesPage, told, type World, worldOf } from "../apply-support.ts";
import type { Orders } from "../recover-runner.ts";
import { foreignKey, type Victim } from "./faults.ts";
import type { Lab } from "./lab.ts";
import { runUntilKilled, type Strategy, type Way } from "./way.ts";

const machineId = "0123456789abcdef0123456789abcdef";
/** Three, so that the next one is on no server: two are kept. */
const pages = ["a", "b", "c"] as const;

export async function tinyWay(lab: Lab, update: Exclude<Strategy, "in-place">, runner: string): Promise<Way> {
  const client = await connect({ name: "local", kind: "unix", socket: lab.cut.path });
  const way = new TinyWay(lab, update, runner, client);
  return {
    victim: () => way.victim,
    ready: () => way.ready(),
    edit: () => way.edit(),
    apply: (emit) => way.world.apply(way.containers(), { fleet: way.name, ...(emit === undefined ? {} : { emit }) }),
    killAt: (step) => way.killAt(step),
    serves: () => way.serves(),
    check: () => way.check(),
    checkVolume: () => way.checkVolume(),
    startAfresh: () => way.startAfresh(),
    async close() {
      client.close();
      way.world.removeRoot();
    },
  };
}

// --- internal ---

class TinyWay {
  readonly #lab: Lab;
  readonly #update: Exclude<Strategy, "in-place">;
  readonly #runner: string;
  #age = 0;
  #edition = 0;
  #count = 0;
  #isReady = false;
  /** By the way that can be broken. */
  readonly world: World;
  /** By the other one. */
  readonly #eye: World;

  constructor(lab: Lab, update: Exclude<Strategy, "in-place">, runner: string, client: IncusClient) {
    this.#lab = lab;
    this.#update = update;
    this.#runner = runner;
    this.world = worldOf(client, "default");
    this.#eye = worldOf(lab.client, "default", this.world.root);
  }

  get name(): string {
    return `${this.#update}${this.#age}`;
  }

  get victim(): Victim {
    const word = (page: string): string => `${this.name}-${page}-`;
    return { lab: this.#lab, name: this.name, image: { fresh: word(this.#page()), old: word(this.#page(-1)) } };
  }

  containers(): Record<string, ContainerSpec> {
    const volumes = { "/data": { pool: this.#lab.pool, name: `${this.name}-data`, existing: false } };
    const health = [{ ...servesPage, withinMs: 10_000 }];
    return {
      [this.name]: {
        page: this.#page(),
        instances: { [this.name]: { update: this.#update, keep: 2, volumes, health } },
      },
      // It shares the volume, which is what allows a warm swap.
      [`too-${this.name}`]: { page: "too", instances: { [`too-${this.name}`]: { volumes, autostart: false } } },
    };
  }

  edit(): void {
    this.#edition += 1;
    this.#isReady = false;
  }

  startAfresh(): void {
    this.#age += 1;
    this.#edition = 0;
    this.#isReady = false;
  }

  async ready(): Promise<void> {
    if (!this.#isReady) await this.#settle();
    // What is tidied away in an update, and what is carried over, has to be there.
    if (!(await this.#hasPredecessor())) {
      this.edit();
      await this.#settle();
    }
    this.#count += 1;
    await this.#eye.sh(this.name, `echo ${this.#count} > /data/count; echo ${machineId} > /etc/machine-id`);
  }

  async serves(): Promise<"old" | "new" | undefined> {
    const page = await this.#eye.page(this.name).catch(() => undefined);
    if (page === this.#page()) return "new";
    return page === this.#page(-1) ? "old" : undefined;
  }

  async killAt(step: string): Promise<string | undefined> {
    const orders: Orders = {
      verb: "apply",
      socket: this.#lab.direct,
      project: "default",
      root: this.world.root,
      fleet: this.name,
      containers: this.containers(),
      name: this.name,
      crash: { step, when: "before" },
    };
    return runUntilKilled(this.#runner, JSON.stringify(orders));
  }

  async check(): Promise<void> {
    const plan = await this.#eye.plan(this.containers(), { fleet: this.name });
    expect(told(plan).filter((line) => !/^none|^orphan/.test(line) && !line.includes(foreignKey))).toEqual([]);
    expect(await this.serves()).toBe("new");
    await this.checkVolume();
    const mine = (await this.#eye.instances()).filter((line) => line.startsWith(this.name));
    expect(mine.filter((line) => !/-failed: Stopped failed$|-previous: Stopped previous$/.test(line))).toEqual([
      `${this.name}: Running current`,
    ]);
    // A rebuild that ends between the old root and the new one is the exception, see docs/decisions/strategies.md.
    if (this.#update !== "rebuild") expect(await this.#eye.sh(this.name, "cat /etc/machine-id")).toBe(machineId);
    this.#isReady = true;
  }

  async checkVolume(): Promise<void> {
    const file = `/1.0/storage-pools/${this.#lab.pool}/volumes/custom`;
    expect(await this.#lab.ask("GET", file)).toContain(`${file}/${this.name}-data`);
    const mounted = (await this.#eye.instances()).find((line) => line.startsWith(`${this.name}: Running`));
    if (mounted !== undefined) expect(await this.#eye.sh(this.name, "cat /data/count")).toBe(String(this.#count));
  }

  async #settle(): Promise<void> {
    const { report } = await this.world.apply(this.containers(), { fleet: this.name });
    expect(report.exitCode, outcomes(report).join("\n")).toBe(0);
    this.#isReady = true;
  }

  async #hasPredecessor(): Promise<boolean> {
    if (this.#update === "rebuild") return true;
    return (await this.#eye.instances()).some((line) => line.startsWith(`${this.name}-previous: `));
  }

  #page(offset = 0): string {
    return pages[(this.#edition + offset + pages.length) % pages.length] ?? "";
  }
}
