/** What the page knows of the world, kept up to date by the server's events. */
import { batch, computed, signal } from "@preact/signals";
import type { FleetState, Job, JobProgress, ServerEvent, Session, Usage } from "../../src/serve/protocol.ts";
import { withUsage } from "../lib/fleet-view.ts";
import { isChange, withJob } from "../lib/jobs.ts";
import type { SseMessage } from "../lib/sse.ts";
import { asRefused, get, session } from "./api.ts";
import { openStream } from "./stream.ts";

/** Undefined until the server has said. */
export const fleet = signal<FleetState | undefined>(undefined);

/** The newest first. */
export const jobs = signal<readonly Job[]>([]);

export const connection = signal<"connecting" | "open" | "lost">("connecting");

/** What was wrong when the page began; the pages are not shown. */
export const startError = signal<string | undefined>(undefined);

export const runningJobs = computed(() => jobs.value.filter(({ state }) => state === "running"));

/** The server was started so that nothing can be changed. */
export const isReadOnly = computed(() => typeof session.value === "object" && session.value.readOnly);

export function jobById(id: string): Job | undefined {
  return jobs.value.find((job) => job.id === id);
}

/** Takes a job that a request answered before its event comes. */
export function noteJob(job: Job): Job {
  jobs.value = withJob(jobs.value, job);
  return job;
}

/** What is told of a job from now on; returns how to stop. */
export function onProgress(job: string, listener: (progress: JobProgress) => void): () => void {
  const listeners = progressListeners.get(job) ?? new Set();
  progressListeners.set(job, listeners.add(listener));
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) progressListeners.delete(job);
  };
}

/** Called when events were missed: whoever follows something reads it anew. */
export function onReset(listener: () => void): () => void {
  resetListeners.add(listener);
  return () => resetListeners.delete(listener);
}

/** Reads who one is and begins to listen. */
export async function start(): Promise<void> {
  try {
    session.value = await get<Session>("api/session");
  } catch (error) {
    const refused = asRefused(error);
    if (refused.status !== 401) startError.value = [refused.message, refused.hint].filter(Boolean).join(". ");
    return;
  }
  let hasEvents = false;
  openStream("api/events", {
    onOpen: () => {
      connection.value = "open";
      if (!hasEvents) void readAll();
      hasEvents = true;
    },
    onLost: () => {
      connection.value = "lost";
    },
    onRefused: () => {
      connection.value = "lost";
    },
    onMessage: receive,
  });
}

/** Why a change would be refused now, for people: another one is under way. */
export const busy = computed(() => {
  const state = fleet.value;
  const job = runningJobs.value.find(isChange) ?? (state?.changing === undefined ? undefined : jobById(state.changing));
  if (job?.state === "running") return { text: `${job.title} is running`, job: job.id };
  return state?.otherFloe === undefined ? undefined : { text: `Another floe is at work: ${state.otherFloe}` };
});

/** Ends as soon as the job has ended. */
export function whenDone(id: string): Promise<Job> {
  return new Promise((resolve) => {
    const look = (list: readonly Job[]): void => {
      const job = list.find((one) => one.id === id);
      if (job === undefined || job.state === "running") return;
      queueMicrotask(() => stop());
      resolve(job);
    };
    const stop = jobs.subscribe(look);
  });
}

// --- internal ---

const progressListeners = new Map<string, Set<(progress: JobProgress) => void>>();
const resetListeners = new Set<() => void>();

async function readAll(): Promise<void> {
  try {
    const [state, list] = await Promise.all([get<FleetState>("api/fleet"), get<readonly Job[]>("api/jobs")]);
    batch(() => {
      takeFleet(state);
      jobs.value = list;
    });
  } catch {
    // The stream is lost too then, and says so.
  }
}

function takeFleet(state: FleetState): void {
  if (fleet.peek() === undefined || (fleet.peek()?.at ?? 0) <= state.at) fleet.value = state;
}

function takeUsage(usage: Readonly<Record<string, Usage>>): void {
  const state = fleet.peek();
  if (state !== undefined) fleet.value = { ...state, instances: withUsage(state.instances, usage) };
}

function receive({ type, data }: SseMessage): void {
  const event = { type, data: JSON.parse(data) } as ServerEvent;
  switch (event.type) {
    case "fleet":
      takeFleet(event.data);
      break;
    case "usage":
      takeUsage(event.data);
      break;
    case "job":
      noteJob(event.data);
      break;
    case "progress":
      for (const listener of progressListeners.get(event.data.job) ?? []) listener(event.data);
      break;
    case "reset":
      for (const listener of resetListeners) listener();
      void readAll();
      break;
  }
}
