/** What somebody waits for. One thing at a time may change the world; plans may be made meanwhile. */
import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { FloeError } from "../../errors.ts";
import { acquireLock, durationsOf, type Lock } from "../../pipeline.ts";
import type { FloeEvent } from "../../report/events.ts";
import type { JobRequest, Jobs, JobWork, PlanWords } from "../context.ts";
import type { Broadcast } from "../live/broadcast.ts";
import type { Job, JobDetails } from "../protocol.ts";
import { notFound, RefusedError } from "../refused.ts";
import { brokenOff, type JobOutcome, outcomeOf } from "./outcome.ts";
import { keepPlans } from "./plans.ts";
import { type ToldEvents, tellEvents } from "./told-events.ts";

/** Jobs that are kept. */
const maxJobs = 100;
/** Plans that are made at the same time. */
const maxPlanning = 3;
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
  readonly events: ToldEvents;
  done: Promise<void> = Promise.resolve();

  constructor(job: Job, events: ToldEvents) {
    this.job = job;
    this.events = events;
    setMaxListeners(0, this.controller.signal);
  }
}

class JobList implements OpenJobs {
  readonly #options: JobsOptions;
  /** The newest last. */
  readonly #jobs = new Map<string, Kept>();
  readonly keepPlan: Jobs["keepPlan"];
  readonly plan: Jobs["plan"];

  constructor(options: JobsOptions) {
    this.#options = options;
    ({ keepPlan: this.keepPlan, plan: this.plan } = keepPlans(options.words));
  }

  start(request: JobRequest, run: (work: JobWork) => Promise<void>): Job {
    const lock = this.#admit(request);
    const { verb: _, subjects, ...told } = request;
    const id = randomBytes(6).toString("hex");
    const job: Job = { id, ...told, subjects: [...subjects], state: "running", startedAt: Date.now() };
    const events = tellEvents((progress) =>
      this.#options.broadcast.sendNumbered({ type: "progress", data: { job: id, ...progress } }),
    );
    const kept = new Kept(job, events);
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
    const { job, events } = this.#find(id);
    return { ...job, ...events.told() };
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
        kept.events.note(timed);
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
    let end: JobOutcome;
    try {
      await run(work);
      end = outcomeOf(kept.job.report, signal);
    } catch (error) {
      if (!(error instanceof FloeError) && !signal.aborted) this.#options.onBug(error);
      end = brokenOff(error, signal);
    } finally {
      lock?.release();
      durations.save();
    }
    kept.events.flush();
    kept.job = { ...kept.job, ...end, endedAt: Date.now() };
    this.#tell(kept);
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
