/** What somebody waits for. One thing at a time may change the world; plans may be made meanwhile. */
import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { CancelledError, FloeError } from "../../errors.ts";
import type { HostPlan } from "../../model/host-plan.ts";
import type { Plan } from "../../model/plan.ts";
import { acquireLock, durationsOf, type Lock } from "../../pipeline.ts";
import type { FloeEvent } from "../../report/events.ts";
import type { ApplyReport } from "../../report/reduce.ts";
import { defined } from "../../util/defined.ts";
import type { JobRequest, Jobs, JobWork, PlanWords } from "../context.ts";
import type { Broadcast } from "../live/broadcast.ts";
import type { Job, JobDetails, KeptPlan } from "../protocol.ts";
import { notFound, RefusedError, toRefusal } from "../refused.ts";

/** Jobs, plans, and events of one job that are kept. */
const maxJobs = 100;
const maxPlans = 30;
const maxEvents = 5000;
/** Plans that are made at the same time. */
const maxPlanning = 3;
/** Events are sent together with what follows within this time. */
const gatherMs = 50;
/** A line of a build log is cut here. */
const maxLine = 4000;

export interface JobsOptions {
  readonly root: string;
  readonly words: PlanWords;
  readonly broadcast: Broadcast;
  /** A job began or ended. */
  readonly onChange: (job: Job) => void;
  readonly onBug: (error: unknown) => void;
}

/** Jobs with what the end of the server needs. */
export interface OpenJobs extends Jobs {
  running(): readonly Job[];
  cancelAll(): void;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

export function openJobs(options: JobsOptions): OpenJobs {
  return new JobList(options);
}

// --- internal ---

class Kept {
  job: Job;
  readonly controller = new AbortController();
  readonly events: FloeEvent[] = [];
  dropped = 0;
  unsent = 0;
  timer: NodeJS.Timeout | undefined;
  done: Promise<void> = Promise.resolve();

  constructor(job: Job) {
    this.job = job;
    setMaxListeners(0, this.controller.signal);
  }
}

class JobList implements OpenJobs {
  readonly #options: JobsOptions;
  /** The newest last. */
  readonly #jobs = new Map<string, Kept>();
  readonly #plans = new Map<string, KeptPlan>();

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  start(request: JobRequest, run: (work: JobWork) => Promise<void>): Job {
    const lock = this.#admit(request);
    const { verb: _, subjects, ...told } = request;
    const id = randomBytes(6).toString("hex");
    const kept = new Kept({ id, ...told, subjects: [...subjects], state: "running", startedAt: Date.now() });
    this.#jobs.set(id, kept);
    this.#forgetOldest();
    this.#tell(kept);
    kept.done = this.#run(kept, lock, run);
    return kept.job;
  }

  async settled(id: string, ms: number): Promise<Job> {
    const kept = this.#find(id);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms).unref();
    });
    await Promise.race([kept.done, late]);
    clearTimeout(timer);
    return kept.job;
  }

  list(): readonly Job[] {
    return [...this.#jobs.values()].reverse().map(({ job }) => job);
  }

  get(id: string): JobDetails {
    const { job, events, dropped } = this.#find(id);
    return { ...job, events: [...events], dropped };
  }

  cancel(id: string): Job {
    const { job, controller } = this.#find(id);
    if (job.state !== "running") throw new RefusedError(409, "OVER", `The job "${job.title}" is over`);
    controller.abort();
    return job;
  }

  running(): readonly Job[] {
    return this.list().filter(({ state }) => state === "running");
  }

  changing(): Job | undefined {
    return this.running().find(({ kind }) => kind !== "plan" && kind !== "plan-hosts");
  }

  cancelAll(): void {
    for (const { job, controller } of this.#jobs.values()) if (job.state === "running") controller.abort();
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map(({ done }) => done));
  }

  keepPlan(plan: Plan | HostPlan): KeptPlan {
    const common = { id: randomBytes(9).toString("base64url"), at: Date.now() };
    const { words } = this.#options;
    const kept: KeptPlan = isHostPlan(plan)
      ? { ...common, kind: "hosts", plan, text: words.hosts(plan) }
      : { ...common, kind: "instances", plan, text: words.instances(plan) };
    this.#plans.set(kept.id, kept);
    for (const id of [...this.#plans.keys()].slice(0, -maxPlans)) this.#plans.delete(id);
    return kept;
  }

  plan(id: string): KeptPlan {
    const plan = this.#plans.get(id);
    if (plan !== undefined) return plan;
    throw new RefusedError(404, "NOT_FOUND", "This plan is not known, or not any more", { hint: "Make a new one" });
  }

  /** The lock of what changes something; of a plan there is none. */
  #admit({ verb, user }: JobRequest): Lock | undefined {
    if (verb !== undefined) {
      const other = this.changing();
      if (other !== undefined)
        throw new RefusedError(409, "LOCKED", `"${other.title}" of ${other.user} is under way`, {
          hint: "Wait until it is done, or cancel it",
        });
      return acquireLock(this.#options.root, verb, user);
    }
    if (this.running().length > maxPlanning)
      throw new RefusedError(409, "TOO_MANY", "Several plans are being made already", { hint: "Wait for one of them" });
    return undefined;
  }

  async #run(kept: Kept, lock: Lock | undefined, run: (work: JobWork) => Promise<void>): Promise<void> {
    const durations = durationsOf(this.#options.root);
    const { signal } = kept.controller;
    const facts: Omit<JobWork, "lock"> = {
      signal,
      emit: (event) => {
        const timed = { at: Date.now(), ...event } as FloeEvent;
        durations.note(timed);
        this.#note(kept, timed);
      },
      update: (facts) => {
        kept.job = { ...kept.job, ...facts };
        this.#tell(kept);
      },
    };
    // Not among what a spread copies: the pipeline passes the work of a plan on in this way.
    const work = Object.defineProperty({ ...facts }, "lock", {
      get: () => {
        if (lock === undefined) throw new Error("this job changes nothing, so it holds no lock");
        return lock;
      },
    }) as JobWork;
    let end: Partial<Job>;
    try {
      await run(work);
      end = endOf(kept.job.report, signal);
    } catch (error) {
      end = this.#endBadly(error, signal);
    } finally {
      lock?.release();
      durations.save();
    }
    this.#send(kept);
    kept.job = { ...kept.job, ...end, endedAt: Date.now() };
    this.#tell(kept);
  }

  #endBadly(error: unknown, signal: AbortSignal): Partial<Job> {
    if (!(error instanceof FloeError) && !signal.aborted) this.#options.onBug(error);
    const report = error instanceof FloeError ? reportIn(error) : undefined;
    const isCancelled = error instanceof CancelledError || signal.aborted;
    return {
      state: isCancelled ? "cancelled" : "failed",
      ...(isCancelled && !(error instanceof FloeError) ? {} : { error: toRefusal(error) }),
      ...defined({ report }),
    };
  }

  #note(kept: Kept, event: FloeEvent): void {
    kept.events.push(short(event));
    kept.unsent += 1;
    if (kept.events.length > maxEvents) {
      // Many at once: to shift each one takes its time.
      kept.dropped += kept.events.splice(0, maxEvents / 10).length;
      kept.unsent = Math.min(kept.unsent, kept.events.length);
    }
    kept.timer ??= setTimeout(() => this.#send(kept), gatherMs);
  }

  #send(kept: Kept): void {
    clearTimeout(kept.timer);
    kept.timer = undefined;
    if (kept.unsent === 0) return;
    const first = kept.events.length - kept.unsent;
    const data = { job: kept.job.id, from: kept.dropped + first, events: kept.events.slice(first) };
    kept.unsent = 0;
    this.#options.broadcast.sendNumbered({ type: "progress", data });
  }

  #tell({ job }: Kept): void {
    this.#options.broadcast.sendNumbered({ type: "job", data: job });
    this.#options.onChange(job);
  }

  #find(id: string): Kept {
    const kept = this.#jobs.get(id);
    if (kept === undefined) throw notFound("job", id);
    return kept;
  }

  #forgetOldest(): void {
    for (const [id, { job }] of this.#jobs) {
      if (this.#jobs.size <= maxJobs) return;
      if (job.state !== "running") this.#jobs.delete(id);
    }
  }
}

function endOf(report: ApplyReport | undefined, signal: AbortSignal): Partial<Job> {
  if (report === undefined || report.exitCode === 0) return { state: signal.aborted ? "cancelled" : "done" };
  const { undone, failed, skipped } = report.counts;
  const parts = [
    ...(undone > 0 ? [`${undone} failed and ${undone === 1 ? "is" : "are"} as before`] : []),
    ...(failed > 0 ? [`${failed} failed and could not be undone`] : []),
    ...(skipped > 0 ? [`${skipped} not begun`] : []),
  ];
  return { state: signal.aborted ? "cancelled" : "failed", error: { code: "APPLY", message: parts.join(", ") } };
}

/** A cancelled apply tells what it came to. */
function reportIn({ details }: FloeError): ApplyReport | undefined {
  return details["report"] as ApplyReport | undefined;
}

function short(event: FloeEvent): FloeEvent {
  return event.type === "build.log" && event.line.length > maxLine
    ? { ...event, line: `${event.line.slice(0, maxLine)}…` }
    : event;
}

function isHostPlan(plan: Plan | HostPlan): plan is HostPlan {
  return "action" in plan;
}
