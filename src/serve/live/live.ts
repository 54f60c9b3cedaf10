/**
 * What is known of the fleet at every moment: the project, the servers, the hosts, what is pending. It is read by events; only while a page is open are
 * usage, health and hosts asked for, and a plan made in the background.
 */
import type { IncusInstance } from "../../incus/types.ts";
import { listFleet, type ServerAnswer } from "../../list/list-fleet.ts";
import type { Evaluation } from "../../model/evaluation.ts";
import { type Fleet, type Instance, instancesOf } from "../../model/fleet.ts";
import type { HostPlan } from "../../model/host-plan.ts";
import { currentHolder, type Planned, type Project } from "../../pipeline.ts";
import { decodeHealth } from "../../plan/applied.ts";
import { instanceAddress } from "../../plan/labels.ts";
import { defined } from "../../util/defined.ts";
import type { FleetServer, FleetState, Job } from "../protocol.ts";
import type { Broadcast } from "./broadcast.ts";
import { type FollowedHealth, followHealth } from "./health.ts";
import { type FollowedHosts, followHosts } from "./hosts.ts";
import { showInstances } from "./instances.ts";
import { followServer, type Link } from "./link.ts";
import { openPending, planInBackground } from "./pending.ts";
import { followProject } from "./project.ts";
import { openTeller } from "./teller.ts";
import { usageMeter } from "./usage.ts";
import { worldOf } from "./world.ts";

export interface LiveOptions {
  readonly project: Project;
  readonly broadcast: Broadcast;
  readonly signal: AbortSignal;
  readonly onLog: (text: string) => void;
  /** The jobs that run. */
  readonly running: () => readonly Job[];
  /** A plan of the whole fleet, for the background. */
  readonly makePlan: (signal: AbortSignal) => Promise<Planned>;
}

export interface Live {
  fleet(): Fleet | undefined;
  evaluation(): Evaluation | undefined;
  state(): FleetState;
  links(): ReadonlyMap<string, Link>;
  readonly loaded: Promise<void>;
  readonly health: Pick<FollowedHealth, "of">;
  refresh(): void;
  refreshHosts(names?: readonly string[]): void;
  /** A plan was made, in a job. */
  notePlan(planned: Pick<Planned, "plan" | "evaluation">): void;
  noteHostPlan(plan: HostPlan): void;
  /** A job began or ended. */
  noteJobs(): void;
}

/** Milliseconds between two looks while a page is open. */
const every = { usage: 3_000, health: 20_000, hosts: 120_000, holder: 1_000 } as const;
/** Changes that come together are told once. */
const tellMs = 100;

export function openLive(options: LiveOptions): Live {
  return new LiveFleet(options);
}

// --- internal ---

class LiveFleet implements Live {
  readonly #options: LiveOptions;
  readonly #links = new Map<string, Link>();
  readonly #project: ReturnType<typeof followProject>;
  readonly #hosts: FollowedHosts;
  readonly #pending = openPending();
  readonly #planner: ReturnType<typeof planInBackground>;
  readonly #usage = usageMeter();
  readonly health: FollowedHealth;
  #evaluation: Evaluation | undefined;
  readonly #tell: (state: FleetState) => void;
  #telling: NodeJS.Timeout | undefined;
  #otherFloe: string | undefined;
  #planned = "";
  #state: FleetState | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { project, broadcast, signal, onLog } = options;
    const changed = (): void => this.#tellSoon();
    this.#tell = openTeller(broadcast);
    this.health = followHealth(changed);
    this.#hosts = followHosts(changed, signal);
    this.#planner = planInBackground({
      make: () => options.makePlan(signal),
      isHeld: () => signal.aborted || broadcast.listeners === 0 || this.#changing() !== undefined,
      onBegin: changed,
      onEnd: (result) => {
        if (result instanceof Error) this.#pending.noteFailure(result);
        else this.notePlan(result);
        changed();
      },
    });
    this.#project = followProject(project, { onChange: () => this.#projectChanged(), onLog, signal });
    broadcast.onWatched((isWatched) => isWatched && this.#planner.request());
    this.#repeat(every.usage, () => this.#refreshLinks(false));
    this.#repeat(every.health, () => this.#askHealth());
    this.#repeat(every.hosts, () => this.refreshHosts());
    this.#repeat(every.holder, () => this.#lookForOthers());
    signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  get loaded(): Promise<void> {
    return this.#project.loaded;
  }

  fleet = (): Fleet | undefined => this.#project.fleet();
  evaluation = (): Evaluation | undefined => this.#evaluation;
  links = (): ReadonlyMap<string, Link> => this.#links;
  refresh = (): void => this.#refreshLinks(true);

  refreshHosts(names?: readonly string[]): void {
    const fleet = this.fleet();
    if (fleet !== undefined)
      this.#hosts.look(fleet, names).catch((error: unknown) => this.#options.onLog(String(error)));
  }

  notePlan({ plan, evaluation }: Pick<Planned, "plan" | "evaluation">): void {
    this.#pending.note(plan);
    this.#evaluation = evaluation;
    this.#planned = worldOf(this.#answers());
    this.#tellSoon();
  }

  noteHostPlan(plan: HostPlan): void {
    this.#hosts.notePlan(plan);
  }

  noteJobs(): void {
    if (this.#changing() === undefined) this.#planner.request();
    this.#tellSoon();
  }

  /** Put together once for each time that something changed: with hundreds of instances that takes a while. */
  state(): FleetState {
    this.#state ??= this.#read();
    return this.#state;
  }

  #read(): FleetState {
    const fleet = this.fleet();
    const answers = this.#answers();
    const list = fleet && listFleet(fleet, answers, this.#evaluation);
    const known = {
      answers,
      usage: (address: string, real: IncusInstance) =>
        this.#usage(address, real, this.#links.get(address.split("/")[0] ?? "")?.readAt() ?? 0),
      pending: (address: string) => this.#pending.of(address),
      failures: (address: string) => this.health.of(address)[0]?.failures,
      job: (address: string) => this.#jobOf(address),
    };
    return {
      at: Date.now(),
      servers: fleet === undefined ? [] : Object.keys(fleet.servers).map((name) => this.#server(name)),
      hosts:
        fleet === undefined ? [] : this.#hosts.shown(fleet).map((host) => ({ ...host, ...this.#hostJob(host.name) })),
      instances: fleet === undefined || list === undefined ? [] : showInstances(fleet, list, known),
      problems: [
        ...this.#project.problems(),
        ...this.#pending.problems().filter(({ subject }) => !/^server /.test(subject)),
      ],
      isPlanning: this.#planner.isRunning(),
      ...defined({
        plannedAt: this.#pending.plannedAt(),
        changing: this.#changing()?.id,
        otherFloe: this.#otherFloe,
      }),
    };
  }

  #projectChanged(): void {
    this.#tellSoon();
    const fleet = this.fleet();
    if (fleet === undefined) return;
    for (const [name, link] of this.#links)
      if (JSON.stringify(fleet.servers[name]) !== JSON.stringify(link.server)) {
        link.stop();
        this.#links.delete(name);
      }
    for (const server of Object.values(fleet.servers))
      if (!this.#links.has(server.name))
        this.#links.set(
          server.name,
          followServer(server, () => this.#worldRead()),
        );
    if (this.#project.problems().length === 0) this.#planner.request();
    if (this.#options.broadcast.listeners > 0) this.refreshHosts();
  }

  /** A plan is made anew when something differs that a plan looks at. */
  #worldRead(): void {
    if (this.#planned !== "" && this.#planned !== worldOf(this.#answers())) {
      this.#planned = worldOf(this.#answers());
      this.#planner.request();
    }
    this.#tellSoon();
  }

  #answers(): Record<string, ServerAnswer> {
    return Object.fromEntries([...this.#links].map(([name, link]) => [name, link.answer()]));
  }

  #server(name: string): FleetServer {
    const link = this.#links.get(name);
    const client = link?.client();
    const answer = link?.answer();
    const server = link?.server;
    const address = server?.kind === "https" ? server.url : (server?.socket ?? "this machine's socket");
    if (answer?.ok !== true || client === undefined || client instanceof Error)
      return {
        name,
        address,
        state: "unreachable",
        ...defined({ error: answer?.ok === false ? answer.message : undefined }),
      };
    const version = client.lastInfo()?.environment.server_version;
    return { name, address: client.address, state: "connected", ...defined({ version }) };
  }

  #changing(): Job | undefined {
    return this.#options.running().find(({ kind }) => kind !== "plan" && kind !== "plan-hosts");
  }

  #jobOf(address: string): string | undefined {
    return this.#options.running().find(({ kind, subjects }) => kind !== "plan" && subjects.includes(address))?.id;
  }

  #hostJob(name: string): { readonly job?: string } {
    return defined({ job: this.#jobOf(`host:${name}`) });
  }

  /** Everything that changes what is shown ends here. */
  #tellSoon(): void {
    this.#state = undefined;
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      if (this.#options.broadcast.listeners > 0) this.#tell(this.state());
    }, tellMs).unref();
  }

  #repeat(ms: number, work: () => void): void {
    const { broadcast, signal } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    broadcast.onWatched((isWatched) => {
      clearInterval(timer);
      if (!isWatched || signal.aborted) return;
      work();
      timer = setInterval(work, ms).unref();
    });
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  #refreshLinks(images: boolean): void {
    for (const link of this.#links.values()) link.refresh({ images });
  }

  #askHealth(): void {
    const fleet = this.fleet();
    // What is just being changed is asked by those who change it.
    if (fleet === undefined || this.#changing() !== undefined) return;
    const answers = this.#answers();
    const running = new Set(
      listFleet(fleet, answers, undefined)
        .instances.filter(({ state }) => state === "running")
        .map(instanceAddress),
    );
    const asked = instancesOf(fleet)
      .filter((instance) => running.has(instanceAddress(instance)))
      .map((instance) => heldTo(instance, answers));
    this.health.ask(fleet, asked, this.#options.signal).catch(() => {});
  }

  #lookForOthers(): void {
    const holder = currentHolder(this.#options.project.root);
    const isOther = holder !== undefined && holder.pid !== process.pid;
    const words = isOther ? `${holder.verb} by ${holder.by} (process ${holder.pid})` : undefined;
    if (words === this.#otherFloe) return;
    this.#otherFloe = words;
    if (words === undefined) this.#planner.request();
    this.#tellSoon();
  }

  #stop(): void {
    clearTimeout(this.#telling);
    for (const link of this.#links.values()) link.stop();
  }
}

/** With the checks that it was applied with: those that are described since are for what comes next. */
function heldTo(instance: Instance, answers: Readonly<Record<string, ServerAnswer>>): Instance {
  const answer = answers[instance.server];
  const real = answer?.ok
    ? answer.instances.find(({ project, name }) => project === instance.project && name === instance.name)
    : undefined;
  return { ...instance, health: decodeHealth(real?.config ?? {}) ?? instance.health };
}
