/** Events as lines, for a stderr that is no terminal. */
import type { FloeEvent } from "../../report/events.ts";
import { outcomeText, phaseWords, shortSubject, stepWord } from "./event-words.ts";
import { bytes, counted, duration, printable } from "./words.ts";

/** Phases that take a moment and are not worth a line without `--verbose`. */
const quietPhases: ReadonlySet<string> = new Set(["load", "synth", "observe"]);

export interface PlainOptions {
  readonly verbose: boolean;
}

/** The line of an event, without a newline; undefined when it has none. */
export function plainLine(event: FloeEvent, { verbose }: PlainOptions): string | undefined {
  switch (event.type) {
    case "phase.start":
      return quietPhases.has(event.phase) && !verbose
        ? undefined
        : `${phaseWords[event.phase]}${event.count === undefined ? "" : ` (${event.count})`}`;
    case "build.start":
      return `Building ${event.name}`;
    case "build.end":
      return event.ok ? (verbose ? `Built ${event.name}` : undefined) : `Build of ${event.name} failed`;
    case "build.log":
      return verbose ? `  ${printable(event.line)}` : undefined;
    case "copy.start":
      return `Copying ${event.path} from ${event.from} to ${event.to}`;
    case "message":
      return event.level === "info" ? event.text : `${event.level}: ${event.text}`;
    case "step.start":
      return `${shortSubject(event.subject)}: ${stepWord(event.step, event.subject)}${event.detail === undefined ? "" : ` (${event.detail})`}`;
    case "step.end":
      return stepEndLine(event, verbose);
    case "change.end":
      return `${shortSubject(event.subject)}: ${outcomeText(event)}${event.outcome === "skipped" ? "" : ` in ${duration(event.ms)}`}`;
    case "step.progress":
      return verbose ? `${shortSubject(event.subject)}: ${bytes(event.done)} of ${bytes(event.total)}` : undefined;
    case "build.progress":
      return verbose
        ? `${event.done} of ${counted(event.expected, "build")} done, ${event.running} running`
        : undefined;
    case "phase.end":
    case "build.phase":
    case "copy.end":
      return undefined;
  }
}

function stepEndLine(event: Extract<FloeEvent, { type: "step.end" }>, verbose: boolean): string | undefined {
  const what = `${shortSubject(event.subject)}: ${stepWord(event.step, event.subject)}`;
  // Why is told at the end, whole and with what to do.
  if (!event.ok) return `${what} failed`;
  return verbose ? `${what} took ${duration(event.ms)}` : undefined;
}
