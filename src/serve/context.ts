/** What every handler of the server has: the fleet, what is known of the world, connections, and jobs. */
import type { IncusClient } from "../incus/types.ts";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet, Host, Instance } from "../model/fleet.ts";
import type { HostPlan } from "../model/host-plan.ts";
import type { Plan } from "../model/plan.ts";
import type { Planned, Project } from "../pipeline.ts";
import type { Clients } from "../plan/observe.ts";
import type { Emit } from "../report/events.ts";
import type { ApplyReport } from "../report/reduce.ts";
import type { Lock } from "../state/lock.ts";
import type { Broadcast } from "./live/broadcast.ts";
import type { HealthAnswer } from "./live/health.ts";
import type { FleetInstance, FleetState, Job, JobDetails, KeptPlan } from "./protocol.ts";

/** How plans look as text; the words are the command line's. */
export interface PlanWords {
  instances(plan: Plan, options?: { readonly isRollback?: boolean }): string;
  hosts(plan: HostPlan): string;
}

export interface Serve {
  readonly version: string;
  readonly project: Project;
  /** The project's folder. */
  readonly root: string;
  readonly readOnly: boolean;
  /** Where it listens, for people. */
  readonly listen: string;
  /** Aborts when the server ends. */
  readonly signal: AbortSignal;
  readonly words: PlanWords;
  /** Browsers that are logged in. */
  sessions(): number;
  /** What the fleet is called; of one that never loaded the folder's name. */
  describe(): { readonly fleet: string; readonly description: string };
  /** As it was last loaded without an error. @throws RefusedError 503 when it never was */
  fleet(): Fleet;
  /** Of the images, as the last plan saw them; undefined before one. */
  evaluation(): Evaluation | undefined;
  /** What pages show: from memory, at once. */
  state(): FleetState;
  /** By its name, or its address. @throws RefusedError 404 */
  instance(name: string): Instance;
  /** The same, as pages show it. @throws RefusedError 404 */
  shownInstance(name: string): FleetInstance;
  /** @throws RefusedError 404 */
  host(name: string): Host;
  /** Those with a way from here: a target, or this machine. */
  reachableHosts(): readonly Host[];
  /** The kept connection to a server of the fleet; never close it. @throws RefusedError 404 and 503 */
  client(server: string): IncusClient;
  /** Of all servers, as functions of the pipeline take them; never close them. */
  clients(): Clients;
  /** Reads what runs again soon: for changes that Incus has no event for. */
  refresh(): void;
  /** Looks at hosts again soon. */
  refreshHosts(names?: readonly string[]): void;
  /** A plan was made: what is pending is shown by it. */
  notePlan(planned: Pick<Planned, "plan" | "evaluation">): void;
  noteHostPlan(plan: HostPlan): void;
  readonly jobs: Jobs;
  readonly broadcast: Broadcast;
  /** What the instance's checks said, the newest first; since the server began, and only while a page was open. */
  health(address: string): readonly HealthAnswer[];
}

/** What a job is given. */
export interface JobWork {
  readonly emit: Emit;
  /** Aborts when the job is cancelled. */
  readonly signal: AbortSignal;
  /** The project's lock, of a job that changes something; it names the requestor in the journal. */
  readonly lock: Lock;
  /** Adds to what is told of the job. */
  update(facts: Pick<JobFacts, "planId" | "report">): void;
}

interface JobFacts {
  readonly planId?: string;
  readonly report?: ApplyReport;
}

export interface JobRequest {
  readonly kind: Job["kind"];
  /** For people: `restart web-1`. */
  readonly title: string;
  readonly subjects: readonly string[];
  readonly user: string;
  /** The verb in the lock and the journal; absent for what changes nothing: then `lock` throws. */
  readonly verb?: string;
}

export interface Jobs {
  /**
   * Begins work and answers at once. It failed when `run` throws, or its report has an exit code that is not 0.
   * @throws RefusedError 409 (LOCKED) when something else is being changed here or by another floe
   */
  start(request: JobRequest, run: (work: JobWork) => Promise<void>): Job;
  /** Resolves when the job is over, or after `ms`; answers it as it is then. */
  settled(id: string, ms: number): Promise<Job>;
  /** The newest first. */
  list(): readonly Job[];
  /** @throws RefusedError 404 */
  get(id: string): JobDetails;
  /** @throws RefusedError 404, or 409 when it is over */
  cancel(id: string): Job;
  /** The change that is under way. */
  changing(): Job | undefined;
  keepPlan(plan: Plan | HostPlan): KeptPlan;
  /** @throws RefusedError 404 */
  plan(id: string): KeptPlan;
}
