/** `in-place`, with firn and the real Nix. Both pages are evaluated once: afterwards only what runs is asked for anew. */
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { acquireLock, apply, openConnections, plan, type Work } from "../../../src/pipeline.ts";
import { label } from "../../../src/plan/labels.ts";
import type { FloeEvent } from "../../../src/report/events.ts";
import type { TempProject } from "../../support/temp-project.ts";
import { outcomes, told } from "../apply-support.ts";
import { inPlaceProject, inside, type Prepared, pageOf, prepareProject, webContainer } from "../in-place-support.ts";
import { foreignKey, type Victim } from "./faults.ts";
import type { Lab } from "./lab.ts";
import { runUntilKilled, type Update, type Way } from "./way.ts";

const pages = ["a", "b"] as const;

export async function inPlaceWay(lab: Lab, runner: string): Promise<Way> {
  const fleet = `faults-${process.pid}-${path.basename(lab.dir).slice(-6).toLowerCase()}`;
  const home = await inPlaceProject(fleet);
  await home.write(
    "floe.config.ts",
    `import { dir, fleet } from "floe";
export default fleet({ name: "${fleet}", description: "", inputs: { nixpkgs: dir("./firn") }, containers: dir("./containers"),
  incus: { local: { socket: ${JSON.stringify(lab.cut.path)} } } });
`,
  );
  const editions: Prepared[] = [];
  for (const page of pages) {
    const instance = `volumes: { "/data": { pool: "${lab.pool}", name: "web-data" } },`;
    await home.write("containers/web.ts", webContainer("default", { page, instance }));
    editions.push(await prepareProject(home.root));
  }
  const way = new InPlaceWay(lab, home, editions, runner);
  return {
    victim: () => way.victim,
    ready: () => way.ready(),
    edit: () => way.edit(),
    apply: (emit) => way.apply(emit),
    killAt: (step) => way.killAt(step),
    serves: () => way.serves(),
    check: () => way.check(),
    checkVolume: () => way.checkVolume(),
    startAfresh: () => {},
    async close() {
      await home.remove();
      rmSync(`/nix/var/nix/gcroots/floe/${fleet}`, { recursive: true, force: true });
    },
  };
}

// --- internal ---

class InPlaceWay {
  readonly #lab: Lab;
  readonly #home: TempProject;
  readonly #editions: readonly Prepared[];
  readonly #runner: string;
  #edition = 0;
  #count = 0;
  #isReady = false;

  constructor(lab: Lab, home: TempProject, editions: readonly Prepared[], runner: string) {
    this.#lab = lab;
    this.#home = home;
    this.#editions = editions;
    this.#runner = runner;
  }

  get victim(): Victim {
    // There is one image, which was needed when the instance was made.
    return { lab: this.#lab, name: "web", image: { fresh: "", old: "/nix/store/" } };
  }

  edit(): void {
    this.#edition += 1;
    this.#isReady = false;
  }

  async ready(): Promise<void> {
    if (!this.#isReady) {
      const { report } = await this.apply();
      expect(report.exitCode, outcomes(report).join("\n")).toBe(0);
    }
    this.#isReady = true;
    this.#count += 1;
    await this.#sh(`echo ${this.#count} > /data/count`);
  }

  async apply(onEvent: (event: FloeEvent) => void = () => {}): Promise<Update> {
    const prepared = await this.#plan();
    const { fleet } = prepared;
    const events: FloeEvent[] = [];
    const work: Work = {
      signal: new AbortController().signal,
      emit(event) {
        const timed = { at: Date.now(), ...event } as FloeEvent;
        events.push(timed);
        onEvent(timed);
      },
    };
    const lock = acquireLock(fleet.root, "apply");
    const connections = openConnections(fleet, work.signal);
    try {
      const report = await apply(
        fleet,
        { ...prepared, clients: await connections.clients, lock, partial: false },
        work,
      );
      return { report, events };
    } finally {
      await connections.close();
      lock.release();
    }
  }

  async killAt(step: string): Promise<string | undefined> {
    const orders = path.join(this.#home.root, ".floe", "orders.json");
    writeFileSync(orders, JSON.stringify({ prepared: await this.#plan(), crash: { step, when: "before" } }));
    return runUntilKilled(this.#runner, orders);
  }

  async serves(): Promise<"old" | "new" | undefined> {
    const page = await pageOf(this.#lab.client, "default").catch(() => undefined);
    if (page === undefined) return undefined;
    return page === pages[this.#edition % 2] ? "new" : "old";
  }

  async check(): Promise<void> {
    const { plan: made } = await this.#plan();
    expect(told(made).filter((line) => !/^none|^orphan/.test(line) && !line.includes(foreignKey))).toEqual([]);
    expect(await this.serves()).toBe("new");
    await this.checkVolume();
    const labels = (await this.#lab.client.getInstance("default", "web"))?.value.config ?? {};
    expect(labels[label.systemNext]).toBeUndefined();
    expect(await this.#sh("readlink /run/current-system")).toBe(labels[label.system]);
    expect(await this.#sh("readlink -f /sbin/init")).toBe(`${labels[label.system]}/init`);
    this.#isReady = true;
  }

  async checkVolume(): Promise<void> {
    expect(await this.#sh("cat /data/count")).toBe(String(this.#count));
  }

  #sh(script: string): Promise<string> {
    return inside(this.#lab.client, "default", "web", script);
  }

  /** With the evaluation that is known. */
  async #plan(): Promise<Prepared> {
    const { fleet, evaluation } = this.#editions[this.#edition % 2] as Prepared;
    const work: Work = { emit: () => {}, signal: new AbortController().signal };
    const connections = openConnections(fleet, work.signal);
    try {
      const made = await plan(fleet, { selection: null, prune: false }, connections, work, evaluation);
      return { fleet, evaluation, plan: made.plan };
    } finally {
      await connections.close();
    }
  }
}
