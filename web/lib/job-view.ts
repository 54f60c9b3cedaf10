/** From the events of a job to what its page shows: phases, builds with their logs, and changes with their steps. Pure. */
import { shortSubject } from "../../src/cli/render/event-words.ts";
import type { ChangeOutcome, FloeEvent, Phase } from "../../src/report/events.ts";

export type StepState = "running" | "done" | "failed";

export interface PhaseView {
  readonly phase: Phase;
  readonly state: StepState;
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface BuildView {
  readonly drv: string;
  readonly name: string;
  readonly state: StepState;
  /** Of the derivation: `unpackPhase`. */
  readonly phase?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly lines: readonly string[];
  /** Lines before the first of `lines` that are not kept. */
  readonly dropped: number;
}

export interface StepView {
  readonly step: string;
  readonly detail?: string;
  readonly state: StepState;
  readonly startedAt: number;
  readonly ms?: number;
  readonly error?: string;
  /** 0 to 1, where the step tells. */
  readonly progress?: number;
}

export interface SubjectView {
  /** An address. */
  readonly subject: string;
  readonly name: string;
  readonly steps: readonly StepView[];
  readonly outcome?: ChangeOutcome;
  readonly ms?: number;
  readonly error?: string;
  readonly hint?: string;
}

export interface JobView {
  readonly phases: readonly PhaseView[];
  readonly builds: readonly BuildView[];
  readonly subjects: readonly SubjectView[];
  readonly messages: readonly { readonly level: "error" | "warning" | "info"; readonly text: string }[];
  readonly copies: number;
  /** Of the build as a whole. */
  readonly buildCount?: { readonly done: number; readonly expected: number };
}

export const emptyJobView: JobView = { phases: [], builds: [], subjects: [], messages: [], copies: 0 };

/** Lines of a build's log that are kept. */
const keptLines = 5000;
const keptMessages = 500;

export function reduceJobView(view: JobView, event: FloeEvent): JobView {
  switch (event.type) {
    case "phase.start":
      return { ...view, phases: [...view.phases, { phase: event.phase, state: "running", startedAt: event.at }] };
    case "phase.end":
      return { ...view, phases: endPhase(view.phases, event) };
    case "build.start":
    case "build.phase":
    case "build.log":
    case "build.end":
      return { ...view, builds: reduceBuilds(view.builds, event) };
    case "build.progress":
      return { ...view, buildCount: { done: event.done, expected: event.expected } };
    case "copy.start":
      return { ...view, copies: view.copies + 1 };
    case "copy.end":
      return view;
    case "message": {
      const { level, text } = event;
      return { ...view, messages: [...view.messages, { level, text }].slice(-keptMessages) };
    }
    case "step.start":
    case "step.progress":
    case "step.end":
    case "change.end":
      return { ...view, subjects: reduceSubjects(view.subjects, event) };
  }
}

export function jobViewOf(events: Iterable<FloeEvent>): JobView {
  let view = emptyJobView;
  for (const event of events) view = reduceJobView(view, event);
  return view;
}

/** What it does at this moment, for a line in a list: `web-1: starting`. */
export function currentWork({ phases, builds, subjects }: JobView): CurrentWork | undefined {
  const busy = subjects.filter(({ outcome, steps }) => outcome === undefined && steps.at(-1)?.state === "running");
  const step = busy.at(-1)?.steps.at(-1);
  if (step !== undefined) return { kind: "step", name: busy.at(-1)?.name ?? "", step, count: busy.length };
  const build = builds.findLast(({ state }) => state === "running");
  if (build !== undefined) return { kind: "build", name: build.name };
  const phase = phases.findLast(({ state }) => state === "running");
  return phase === undefined ? undefined : { kind: "phase", phase: phase.phase };
}

export type CurrentWork =
  | { readonly kind: "step"; readonly name: string; readonly step: StepView; readonly count: number }
  | { readonly kind: "build"; readonly name: string }
  | { readonly kind: "phase"; readonly phase: Phase };

// --- internal ---

type Of<T extends FloeEvent["type"]> = Extract<FloeEvent, { type: T }>;

function endPhase(phases: readonly PhaseView[], { phase, ok, at }: Of<"phase.end">): PhaseView[] {
  const last = phases.findLastIndex((one) => one.phase === phase && one.state === "running");
  return phases.map((one, index) => (index === last ? { ...one, state: ok ? "done" : "failed", endedAt: at } : one));
}

function reduceBuilds(
  builds: readonly BuildView[],
  event: Of<"build.start"> | Of<"build.phase"> | Of<"build.log"> | Of<"build.end">,
): readonly BuildView[] {
  const index = builds.findLastIndex(({ drv }) => drv === event.drv);
  const before = builds[index];
  const build = before ?? newBuild(event.drv, event.at, "name" in event ? event.name : nameOfDrv(event.drv));
  const next = reduceBuild(build, event);
  return before === undefined ? [...builds, next] : builds.with(index, next);
}

function newBuild(drv: string, startedAt: number, name: string): BuildView {
  return { drv, name, state: "running", startedAt, lines: [], dropped: 0 };
}

function nameOfDrv(drv: string): string {
  return drv.replace(/^.*\/[0-9a-z]{32}-/, "").replace(/\.drv$/, "");
}

function reduceBuild(
  build: BuildView,
  event: Of<"build.start"> | Of<"build.phase"> | Of<"build.log"> | Of<"build.end">,
): BuildView {
  switch (event.type) {
    case "build.start":
      return { ...build, name: event.name };
    case "build.phase":
      return { ...build, phase: event.phase };
    case "build.log": {
      const lines = [...build.lines, event.line];
      const over = Math.max(0, lines.length - keptLines);
      return { ...build, lines: over === 0 ? lines : lines.slice(over), dropped: build.dropped + over };
    }
    case "build.end":
      return { ...build, state: event.ok ? "done" : "failed", endedAt: event.at };
  }
}

type SubjectEvent = Of<"step.start"> | Of<"step.progress"> | Of<"step.end"> | Of<"change.end">;

function reduceSubjects(subjects: readonly SubjectView[], event: SubjectEvent): readonly SubjectView[] {
  const index = subjects.findIndex(({ subject }) => subject === event.subject);
  const before = subjects[index] ?? { subject: event.subject, name: shortSubject(event.subject), steps: [] };
  const next = reduceSubject(before, event);
  return index < 0 ? [...subjects, next] : subjects.with(index, next);
}

function reduceSubject(before: SubjectView, event: SubjectEvent): SubjectView {
  switch (event.type) {
    case "step.start": {
      const { step, detail, at } = event;
      const begun: StepView = { step, state: "running", startedAt: at, ...(detail === undefined ? {} : { detail }) };
      return { ...before, steps: [...before.steps, begun] };
    }
    case "step.progress":
      return withStep(before, event.step, (step) => ({
        ...step,
        progress: event.total > 0 ? Math.min(1, event.done / event.total) : 0,
      }));
    case "step.end": {
      const { ok, ms, error } = event;
      return withStep(before, event.step, (step) => ({
        ...step,
        state: ok ? "done" : "failed",
        ms,
        ...(error === undefined ? {} : { error }),
      }));
    }
    case "change.end": {
      const { outcome, ms, error, hint } = event;
      return {
        ...before,
        outcome,
        ms,
        ...(error === undefined ? {} : { error }),
        ...(hint === undefined ? {} : { hint }),
      };
    }
  }
}

/** The latest of this name that is not over. */
function withStep(before: SubjectView, name: string, change: (step: StepView) => StepView): SubjectView {
  const index = before.steps.findLastIndex(({ step, state }) => step === name && state === "running");
  const step = before.steps[index];
  return step === undefined ? before : { ...before, steps: before.steps.with(index, change(step)) };
}
