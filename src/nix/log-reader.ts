import type { Emit } from "../report/events.ts";
import { stripAnsi } from "../util/ansi.ts";
import { drvName, hasOutput } from "./drv.ts";
import {
  ACTIVITY,
  type ActivityId,
  decodeNixLog,
  LEVEL,
  type NixLogEvent,
  type NixMessage,
  RESULT,
} from "./internal-json.ts";

/** Lines of a build's log that an error shows. */
export const LOG_TAIL = 20;

/** Follows one nix command: turns its log into floe's events and keeps what an error needs. */
export interface NixLogReader {
  /** One line of nix's stderr. */
  readonly onLine: (line: string) => void;
  /** Nix's error messages, in order; warnings and traces are events instead. */
  readonly errors: readonly NixMessage[];
  /** Everything for people that nix printed, without colours. */
  readonly text: () => string;
  /** The derivations that began to build, with the last lines of their logs. */
  readonly builds: ReadonlyMap<string, readonly string[]>;
}

export function readNixLog(emit: Emit): NixLogReader {
  const errors: NixMessage[] = [];
  const printed: string[] = [];
  const builds = new Map<string, string[]>();
  const activities = followActivities(emit, builds);
  const onMessage = (event: NixLogEvent & { kind: "message" }) => {
    const text = stripAnsi(event.text);
    if (isAdvice(text)) return;
    if (event.level <= LEVEL.notice) printed.push(text);
    if (event.level === LEVEL.error && !isTrace(text)) errors.push(event);
    else tell(emit, event.level, text);
  };
  return {
    errors,
    builds,
    text: () => printed.join("\n"),
    onLine(line) {
      const event = decodeNixLog(line);
      if (event?.kind === "message") onMessage(event);
      else if (event !== undefined) activities(event);
      else if (line.trim() !== "") printed.push(stripAnsi(line));
    },
  };
}

// --- internal ---

type ActivityEvent = Exclude<NixLogEvent, { kind: "message" }>;

function followActivities(emit: Emit, builds: Map<string, string[]>): (event: ActivityEvent) => void {
  const buildOf = new Map<ActivityId, string>();
  const copyOf = new Map<ActivityId, string>();
  const progress = followProgress(emit);

  const onStart = ({ id, activity, fields }: ActivityEvent & { kind: "start" }) => {
    const [first = "", second = "", third = ""] = fields.map(String);
    if (activity === ACTIVITY.builds) progress.begin(id);
    if (activity === ACTIVITY.build && !builds.has(first)) {
      buildOf.set(id, first);
      builds.set(first, []);
      emit({ type: "build.start", drv: first, name: drvName(first) });
    }
    if (activity === ACTIVITY.copyPath) {
      copyOf.set(id, first);
      emit({ type: "copy.start", path: first, from: second, to: third });
    }
  };
  const onStop = (id: ActivityId) => {
    const drv = buildOf.get(id);
    const path = copyOf.get(id);
    if (drv !== undefined) emit({ type: "build.end", drv, name: drvName(drv), ok: hasOutput(drv) });
    if (path !== undefined) emit({ type: "copy.end", path });
    buildOf.delete(id);
    copyOf.delete(id);
  };
  const onResult = ({ id, result, fields }: ActivityEvent & { kind: "result" }) => {
    const drv = buildOf.get(id);
    const text = stripAnsi(String(fields[0] ?? ""));
    if (result === RESULT.progress) progress.report(id, fields.map(Number));
    if (drv === undefined) return;
    if (result === RESULT.setPhase) emit({ type: "build.phase", drv, phase: text });
    if (result !== RESULT.buildLogLine && result !== RESULT.postBuildLogLine) return;
    keepTail(builds.get(drv) ?? [], text);
    emit({ type: "build.log", drv, line: text });
  };
  return (event) => {
    if (event.kind === "start") onStart(event);
    else if (event.kind === "stop") onStop(event.id);
    else onResult(event);
  };
}

/** Nix counts builds in one activity, and repeats the same numbers several times a build. */
function followProgress(emit: Emit) {
  let builder: ActivityId | undefined;
  let latest = "";
  return {
    begin(id: ActivityId) {
      builder = id;
    },
    report(id: ActivityId, [done = 0, expected = 0, running = 0, failed = 0]: number[]) {
      const now = [done, expected, running, failed].join();
      if (id !== builder || now === latest) return;
      latest = now;
      emit({ type: "build.progress", done, expected, running, failed });
    },
  };
}

/** What nix up to 2.8 says behind each error, at the level of errors. */
function isAdvice(text: string): boolean {
  return text.startsWith("(use '--show-trace'");
}

/** `builtins.trace` speaks at the level of errors. */
function isTrace(text: string): boolean {
  return text.startsWith("trace: ");
}

function tell(emit: Emit, level: number, text: string): void {
  const isWarning = level === LEVEL.warning || /^trace: (evaluation )?warning:/.test(text);
  if (level > LEVEL.notice || isAboutNetwork(text)) return;
  emit({
    type: "message",
    level: isWarning ? "warning" : "info",
    text: text.replace(/^(trace: )?((evaluation )?warning: )?/, ""),
  });
}

/** floe says this itself, once and with its reason. */
function isAboutNetwork(text: string): boolean {
  return text.includes("you don't have Internet access");
}

function keepTail(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > LOG_TAIL) lines.shift();
}
