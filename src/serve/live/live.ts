/**
 * What is known of the fleet at every moment: the project, the servers, the hosts, what is pending. It is read by events; only while a page is open are
 * usage, health and hosts asked for, and a plan made in the background.
 */
import type { IncusInstance } from "../../incus/types.ts";
import { listFleet } from "../../list/list-fleet.ts";
import type { Evaluation } from "../../model/evaluation.ts";
import type { Fleet } from "../../model/fleet.ts";
import type { HostPlan } from "../../model/host-plan.ts";
import { currentHolder, type Planned, type Project } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import type { FleetState, Job } from "../protocol.ts";
import type { Broadcast } from "./broadcast.ts";
import { type FollowedHealth, followHealth } from "./health.ts";
import { type FollowedHosts, followHosts } from "./hosts.ts";
import { showInstances } from "./instances.ts";
import type { Link } from "./link.ts";
import { openPending, planInBackground } from "./pending.ts";
import { followProject } from "./project.ts";
import { followServers } from "./servers.ts";
import { openTeller } from "./teller.ts";
import { usageMeter } from "./usage.ts";
import { whileWatched } from "./while-watched.ts";
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
  readonly #servers = followServers(() => this.#worldRead());
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
    whileWatched(options, every.usage, () => this.#servers.refresh({ images: false }));
    whileWatched(options, every.health, () => this.#askHealth());
    whileWatched(options, every.hosts, () => this.refreshHosts());
    whileWatched(options, every.holder, () => this.#lookForOthers());
    signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  get loaded(): Promise<void> {
    return this.#project.loaded;
  }

  fleet = (): Fleet | undefined => this.#project.fleet();
  evaluation = (): Evaluation | undefined => this.#evaluation;
  links = (): ReadonlyMap<string, Link> => this.#servers.links();
  refresh = (): void => this.#servers.refresh({ images: true });

  refreshHosts(names?: readonly string[]): void {
    const fleet = this.fleet();
    if (fleet !== undefined)
      this.#hosts.look(fleet, names).catch((error: unknown) => this.#options.onLog(String(error)));
  }

  notePlan({ plan, evaluation }: Pick<Planned, "plan" | "evaluation">): void {
    this.#pending.note(plan);
    this.#evaluation = evaluation;
    this.#planned = worldOf(this.#servers.answers());
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
    const answers = this.#servers.answers();
    const list = fleet && listFleet(fleet, answers, this.#evaluation);
    const readAt = (address: string): number =>
      this.links()
        .get(address.split("/")[0] ?? "")
        ?.readAt() ?? 0;
    const known = {
      answers,
      usage: (address: string, real: IncusInstance) => this.#usage(address, real, readAt(address)),
      pending: (address: string) => this.#pending.of(address),
      failures: (address: string) => this.health.of(address)[0]?.failures,
      job: (address: string) => this.#jobOf(address),
    };
    return {
      at: Date.now(),
      servers: fleet === undefined ? [] : this.#servers.shown(fleet),
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
    this.#servers.follow(fleet);
    if (this.#project.problems().length === 0) this.#planner.request();
    if (this.#options.broadcast.listeners > 0) this.refreshHosts();
  }

  /** A plan is made anew when something differs that a plan looks at. */
  #worldRead(): void {
    if (this.#planned !== "" && this.#planned !== worldOf(this.#servers.answers())) {
      this.#planned = worldOf(this.#servers.answers());
      this.#planner.request();
    }
    this.#tellSoon();
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

  #askHealth(): void {
    const fleet = this.fleet();
    // What is just being changed is asked by those who change it.
    if (fleet === undefined || this.#changing() !== undefined) return;
    this.health.ask(fleet, this.#servers.answers(), this.#options.signal).catch(() => {});
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
    this.#servers.stop();
  }
}
