/**
 * Progress on a terminal, the pure half: events change a state, and a state has a few lines that show it. `live-screen.ts`
 * draws them.
 */
import { durationOfBuild, durationOfStep } from "../../report/duration-names.ts";
import type { FloeEvent, Phase } from "../../report/events.ts";
import { outcomeText, phaseWords, shortSubject, stepWord } from "./event-words.ts";
import type { Colors } from "./style.ts";
import { alignColumns, truncate } from "./table.ts";
import { bytes, duration, printable, roughly } from "./words.ts";

interface RunningBuild {
  readonly name: string;
  readonly since: number;
  phase?: string;
  line?: string;
}

interface RunningStep {
  readonly subject: string;
  readonly step: string;
  readonly since: number;
  readonly detail: string | undefined;
  progress?: { readonly done: number; readonly total: number };
}

export interface FrameOptions {
  readonly colors: Colors;
  /** Columns of the terminal. */
  readonly width: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long something took before, in milliseconds, by its name in `state/durations.ts`. */
  readonly estimate?: (name: string) => number | undefined;
}

/** Running builds and steps shown at most, those that run longest; the rest is counted. */
const mostBuilds = 6;
const mostSteps = 6;
/** Of what is over soon nobody asks how long it will take. */
const shortMs = 3000;
const spinner = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];
const spinnerMs = 80;

export class LiveProgress {
  private readonly phases = new Map<Phase, number>();
  private readonly builds = new Map<string, RunningBuild>();
  private readonly steps = new Map<string, RunningStep>();
  private built = { done: 0, expected: 0 };
  private applied = { done: 0, count: 0 };

  /** Takes an event in; answers lines that stay on the screen above the moving part. */
  receive(event: FloeEvent, colors: Colors): string[] {
    switch (event.type) {
      case "phase.start":
        this.phases.set(event.phase, event.at);
        if (event.phase === "apply") this.applied = { done: 0, count: event.count ?? 0 };
        return [];
      case "phase.end":
        this.phases.delete(event.phase);
        return [];
      case "step.start":
        this.steps.set(event.subject, {
          subject: event.subject,
          step: event.step,
          since: event.at,
          detail: event.detail,
        });
        return [];
      case "step.progress": {
        const step = this.steps.get(event.subject);
        if (step !== undefined) step.progress = event;
        return [];
      }
      case "step.end":
        if (this.steps.get(event.subject)?.step === event.step) this.steps.delete(event.subject);
        return [];
      case "change.end":
        this.steps.delete(event.subject);
        this.applied.done += 1;
        return [changeLine(event, colors)];
      case "message":
        return [messageLine(event, colors)];
      default:
        return this.receiveBuild(event, colors);
    }
  }

  private receiveBuild(event: FloeEvent, colors: Colors): string[] {
    switch (event.type) {
      case "build.start":
        this.builds.set(event.drv, { name: event.name, since: event.at });
        return [];
      case "build.end":
        this.builds.delete(event.drv);
        return event.ok ? [] : [`${colors.red("✗")} build of ${colors.bold(event.name)} failed`];
      case "build.progress":
        this.built = event;
        return [];
      case "build.phase":
      case "build.log": {
        const build = this.builds.get(event.drv);
        if (build !== undefined && event.type === "build.phase") build.phase = event.phase;
        if (build !== undefined && event.type === "build.log") build.line = event.line;
        return [];
      }
      default:
        return [];
    }
  }

  /** The lines that move; none when nothing runs. */
  frame(options: FrameOptions): string[] {
    const { colors, now, width } = options;
    const turn = colors.cyan(spinner[Math.floor(now / spinnerMs) % spinner.length] ?? "");
    const phases = [...this.phases].map(
      ([phase, since]) => `${turn} ${this.phaseText(phase)} ${colors.dim(duration(now - since))}`,
    );
    return [...phases, ...this.stepLines(options), ...this.buildLines(options)].map((line) => cut(line, width));
  }

  /** What runs, the longest first, in one line for where nothing moves; undefined when nothing does. */
  still(now: number): string | undefined {
    const steps = [...this.steps.values()].map(({ subject, step, since }) => ({
      since,
      what: `${shortSubject(subject)}: ${stepWord(step, subject)}`,
    }));
    const builds = [...this.builds.values()].map(({ name, since }) => ({ since, what: `building ${name}` }));
    const phases = [...this.phases].map(([phase, since]) => ({ since, what: this.phaseText(phase).toLowerCase() }));
    const busy = steps.length + builds.length > 0 ? [...steps, ...builds] : phases;
    const [longest, ...others] = busy.sort((a, b) => a.since - b.since);
    if (longest === undefined) return undefined;
    const more = others.length === 0 ? "" : `, and ${others.length} more`;
    return `Still ${longest.what} (${duration(now - longest.since)})${more}`;
  }

  private phaseText(phase: Phase): string {
    const { built, applied } = this;
    if (phase === "build" && built.expected > 0) return `${phaseWords.build} ${built.done} of ${built.expected}`;
    if (phase === "apply" && applied.count > 1) return `${phaseWords.apply} ${applied.done} of ${applied.count}`;
    return phaseWords[phase];
  }

  private stepLines({ colors, now, estimate }: FrameOptions): string[] {
    const running = [...this.steps.values()].sort((a, b) => a.since - b.since);
    const rows = running
      .slice(0, mostSteps)
      .map((step) => [
        `  ${colors.bold(shortSubject(step.subject))}`,
        `${stepWord(step.step, step.subject)}${step.detail === undefined ? "" : colors.dim(` (${step.detail})`)}`,
        step.progress === undefined ? "" : `${bytes(step.progress.done)} of ${bytes(step.progress.total)}`,
        colors.dim(timeOf(now - step.since, estimate?.(durationOfStep(step.subject, step.step)))),
      ]);
    const more = running.slice(mostSteps).map((step) => stepWord(step.step, step.subject));
    return more.length > 0 ? [...alignColumns(rows), colors.dim(`  and ${countWords(more)}`)] : alignColumns(rows);
  }

  private buildLines({ colors, now, width, estimate }: FrameOptions): string[] {
    const running = [...this.builds.values()];
    const shown = running.slice(0, mostBuilds);
    const names = Math.max(0, ...shown.map((build) => [...build.name].length));
    const rows = shown.map((build) => [
      `  ${build.name}`,
      colors.dim(timeOf(now - build.since, estimate?.(durationOfBuild(build.name)))),
      colors.dim(truncate(printable(build.line ?? build.phase ?? ""), Math.max(0, width - names - 16))),
    ]);
    const more = running.length - shown.length;
    return more > 0 ? [...alignColumns(rows), colors.dim(`  and ${more} more`)] : alignColumns(rows);
  }
}

// --- internal ---

/** `12.0 s, about 40 s left`; nothing is guessed of what takes longer than it did before. */
function timeOf(ms: number, usual: number | undefined): string {
  return usual === undefined || usual < shortMs || ms >= usual
    ? duration(ms)
    : `${duration(ms)}, ${roughly(usual - ms)} left`;
}

/** `10 copying the system, 4 switching`. */
function countWords(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

function changeLine(event: Extract<FloeEvent, { type: "change.end" }>, colors: Colors): string {
  const name = colors.bold(shortSubject(event.subject));
  if (event.outcome === "done") return `${colors.green("✓")} ${name} ${colors.dim(duration(event.ms))}`;
  const sign = event.outcome === "skipped" ? colors.dim("·") : colors.red("✗");
  return `${sign} ${name} ${outcomeText(event)}`;
}

function messageLine(event: Extract<FloeEvent, { type: "message" }>, colors: Colors): string {
  if (event.level === "info") return event.text;
  return `${event.level === "error" ? colors.red("error:") : colors.yellow("warning:")} ${event.text}`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
const colourOrCharacter = /(\u001b\[[0-9;]*m)|([\s\S])/gu;

/** A line that wraps would break the redraw: cut to the width, colours kept whole. */
function cut(line: string, width: number): string {
  let left = width;
  return line.replace(colourOrCharacter, (_, colour: string | undefined, character: string | undefined) => {
    if (colour !== undefined) return colour;
    left -= 1;
    return left >= 0 ? (character ?? "") : "";
  });
}
