/**
 * The one stream of events that the terminal, `--json` and the dashboard read. Tags are `subject.verb`; no words for people
 * in here. `at` is milliseconds since the epoch.
 */
export type FloeEvent = { readonly at: number } & (
  | { readonly type: "phase.start"; readonly phase: Phase; readonly count?: number }
  | { readonly type: "phase.end"; readonly phase: Phase; readonly ok: boolean }
  | { readonly type: "build.start"; readonly drv: string; readonly name: string }
  | { readonly type: "build.phase"; readonly drv: string; readonly phase: string }
  | { readonly type: "build.log"; readonly drv: string; readonly line: string }
  | { readonly type: "build.end"; readonly drv: string; readonly name: string; readonly ok: boolean }
  | {
      readonly type: "build.progress";
      readonly done: number;
      readonly expected: number;
      readonly running: number;
      readonly failed: number;
    }
  | { readonly type: "copy.start"; readonly path: string; readonly from: string; readonly to: string }
  | { readonly type: "copy.end"; readonly path: string }
  /** A message of the tool itself (a warning of nix, a notice). */
  | { readonly type: "message"; readonly level: "error" | "warning" | "info"; readonly text: string }
  /** A step of an apply. `subject` is an address (`local/default/web-1`), `step` a stable word (`create`, `stop`, `rename`, `start`, `health`, ...). */
  | { readonly type: "step.start"; readonly subject: string; readonly step: string; readonly detail?: string }
  | {
      readonly type: "step.progress";
      readonly subject: string;
      readonly step: string;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: "step.end";
      readonly subject: string;
      readonly step: string;
      readonly ok: boolean;
      readonly ms: number;
      readonly error?: string;
    }
  /** The end of one change. */
  | {
      readonly type: "change.end";
      readonly subject: string;
      readonly outcome: ChangeOutcome;
      readonly ms: number;
      readonly error?: string;
      readonly hint?: string;
    }
);

export type Phase =
  | "load"
  | "synth"
  | "types"
  | "update"
  | "evaluate"
  | "observe"
  | "build"
  | "upload"
  | "apply"
  | "recover";

/** `done`: as planned. `undone`: failed, and what ran before runs again. `failed`: failed, and the undo failed too. `skipped`: not begun. */
export type ChangeOutcome = "done" | "undone" | "failed" | "skipped";

type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;
/** Where a stage sends its events; the time is put in by the receiver. */
export type Emit = (event: WithoutTime<FloeEvent>) => void;
