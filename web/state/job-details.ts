/** A job with everything that happened, kept up to date while it runs. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { JobDetails, JobProgress } from "../../src/serve/protocol.ts";
import { emptyJobView, type JobView, jobViewOf, reduceJobView } from "../lib/job-view.ts";
import { asRefused, get, type RefusedError } from "./api.ts";
import { noteJob, onProgress, onReset } from "./store.ts";

export interface FollowedJob {
  readonly view: JobView;
  /** The first events are not kept any more. */
  readonly dropped: number;
  readonly isLoading: boolean;
  readonly error?: RefusedError;
}

const loading: FollowedJob = { view: emptyJobView, dropped: 0, isLoading: true };

/** Reads what was told so far and adds what comes. */
export function useJobDetails(id: string | undefined): ReadonlySignal<FollowedJob> {
  const state = useMemo(() => signal<FollowedJob>(loading), [id]);
  useEffect(() => {
    if (id === undefined) return;
    return follow(id, (next) => {
      state.value = next;
    });
  }, [id, state]);
  return state;
}

// --- internal ---

/** Each event counts once, by its place among all that were told; where some are missing the job is read anew. */
function follow(id: string, show: (next: FollowedJob) => void): () => void {
  let current: FollowedJob | undefined;
  /** Of the event that comes next. */
  let next = 0;
  const early: JobProgress[] = [];
  let frame = 0;
  let isReading = false;
  const draw = (): void => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => current !== undefined && show(current));
  };
  const take = (progress: JobProgress): void => {
    if (isReading || current === undefined) {
      early.push(progress);
      return;
    }
    if (progress.from > next) {
      void read();
      return;
    }
    const fresh = progress.events.slice(next - progress.from);
    if (fresh.length === 0) return;
    next += fresh.length;
    current = { ...current, view: fresh.reduce(reduceJobView, current.view) };
    draw();
  };
  const read = async (): Promise<void> => {
    isReading = true;
    try {
      const { events, dropped, ...job } = await get<JobDetails>(`api/jobs/${encodeURIComponent(id)}`);
      noteJob(job);
      next = dropped + events.length;
      current = { view: jobViewOf(events), dropped, isLoading: false };
    } catch (error) {
      current = { ...loading, isLoading: false, error: asRefused(error) };
    }
    isReading = false;
    for (const progress of early.splice(0)) take(progress);
    draw();
  };
  const stopProgress = onProgress(id, take);
  const stopReset = onReset(() => void read());
  void read();
  return () => {
    stopProgress();
    stopReset();
    cancelAnimationFrame(frame);
  };
}
