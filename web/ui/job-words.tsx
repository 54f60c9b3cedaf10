/** How a job is called and how it stands. */
import type { JSX } from "preact";
import { phaseWords, stepWord } from "../../src/cli/render/event-words.ts";
import type { Job } from "../../src/serve/protocol.ts";
import type { CurrentWork } from "../lib/job-view.ts";
import { duration } from "../lib/words.ts";
import { now } from "../state/now.ts";
import { State, type Tone } from "./basics.tsx";

const tones: Readonly<Record<Job["state"], Tone>> = {
  running: "info",
  done: "good",
  failed: "bad",
  cancelled: "neutral",
};

export function JobState({ job }: { readonly job: Job }): JSX.Element {
  return (
    <State tone={tones[job.state]} isLive={job.state === "running"}>
      {outcomeOf(job)}
    </State>
  );
}

/** How long it took, or takes already. */
export function JobTime({ job }: { readonly job: Job }): JSX.Element {
  return <span class="number">{duration(Math.max(0, (job.endedAt ?? now.value) - job.startedAt))}</span>;
}

/** `running`, `done`, `undone`: what a person wants to know first. */
export function outcomeOf({ state, report }: Job): string {
  if (state === "failed" && report?.exitCode === 4) return "failed, undone";
  return state;
}

/** `web-1: starting`. */
export function workText(work: CurrentWork | undefined): string {
  if (work === undefined) return "";
  if (work.kind === "build") return `building ${work.name}`;
  if (work.kind === "phase") return phaseWords[work.phase];
  const others = work.count > 1 ? ` and ${work.count - 1} more` : "";
  return `${work.name}: ${stepWord(work.step.step)}${others}`;
}
