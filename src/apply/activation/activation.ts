/**
 * Activating a system on a machine, without depending on the connection to it: a supervisor there does the work, and floe watches it.
 *
 *     start → (booting → switching) → waiting ── confirm ──▶ confirmed
 *                                        └── in time not, or revert ──▶ going-back → rolled-back
 *
 * See docs/decisions/activation.md.
 */
import { CancelledError, FloeError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import { lastLine } from "../../util/last-line.ts";
import { pause } from "../../util/pause.ts";
import { messageOf } from "../context.ts";
import { despiteDrop } from "../despite-drop.ts";
import { type Activation, type Answer, readActivation, readAnswer, readList } from "./answer.ts";
import { confirmScript, followScript, listScript, prolongScript, revertScript, startScript } from "./calls.ts";
import { lockedBy, lockedByOther } from "./locked.ts";
import { recoveryCommands } from "./recovery-commands.ts";

export type { Activation } from "./answer.ts";

export interface ActivationRequest {
  /** Of this attempt: letters, digits, `.`, `_` and `-`. */
  readonly id: string;
  /** The store path, which is there already. */
  readonly system: string;
  readonly action: "switch" | "boot" | "test";
  /** How long the machine waits for floe once the system is switched to. */
  readonly confirmSeconds: number;
  /** How long `switch-to-configuration` may take, each time it is run; default 10 minutes. */
  readonly limitSeconds?: number;
  /** For the record of generations, and to tell others who is at it. */
  readonly record: { readonly fleet: string; readonly revision?: string | undefined; readonly by: string };
}

export interface ActivationWork {
  readonly signal?: AbortSignal | undefined;
  /** Each line that the switch prints, as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** How long the machine may be away, because it reboots or has no network, before it is given up; default 15 minutes. */
  readonly awayMs?: number | undefined;
}

/** How an activation ended, or that it waits to be confirmed. */
export interface ActivationEnd extends Activation {
  readonly state: "waiting" | "failed" | "rolled-back" | "rollback-failed" | "confirmed" | "lost";
  /** The end of what was printed. */
  readonly log: string;
  /** Units that have failed now and had not before; without systemd, those that the switch named. */
  readonly newlyFailed: readonly string[];
  /** What brings the machine back by hand, where it could not go back by itself. */
  readonly commands: readonly string[];
}

/**
 * Begins it, in a process that does not end with this call or its connection. @throws LockedError while somebody else is at it, with
 * who, since when and what to do; ConnectionError; FloeError when it cannot be begun
 */
export async function startActivation(
  machine: Machine,
  { id, system, action, confirmSeconds, limitSeconds = 600, record }: ActivationRequest,
  work: ActivationWork = {},
): Promise<void> {
  if (!/^\w[\w.-]{0,99}$/.test(id)) throw new FloeError(`"${id}" cannot name an activation`);
  const { fleet, revision = "", by } = record;
  const times = [confirmSeconds, limitSeconds].map((seconds) => String(Math.ceil(seconds)));
  const args = [id, system, action, ...times, ...[fleet, revision, by].map(oneLine)];
  const answer = await despiteDrop(work.signal, work.awayMs ?? startPatienceMs, () =>
    call(machine, startScript, args, { ...work, failure: `The switch of "${machine.name}" could not be started` }),
  );
  if (answer.answer === "locked") throw lockedBy(machine, answer);
  if (answer.answer === "busy") throw lockedByOther(machine, answer.words.get("unit") ?? "");
}

/**
 * Follows it until it waits or is over, through connections that end, a machine that is away and one that reboots. What cannot be
 * found out in time is `lost`. @throws CancelledError; what goes on at the machine goes on
 */
export async function awaitActivation(machine: Machine, id: string, work: ActivationWork = {}): Promise<ActivationEnd> {
  const log: string[] = [];
  const onLogLine = (line: string): void => {
    log.push(line);
    work.onLine?.(line);
  };
  let seen = performance.now();
  for (let failures = 0; ; ) {
    throwIfCancelled(work);
    try {
      const answer = await follow(machine, id, log.length, { ...work, onLogLine, fresh: failures > 0 });
      const activation = readActivation(answer);
      if (!isUnderWay(activation)) return endOf(activation, log, answer.newlyFailed);
      failures = 0;
      seen = performance.now();
    } catch (error) {
      throwIfCancelled(work);
      failures += 1;
      if (performance.now() - seen > (work.awayMs ?? defaultAwayMs)) return unreachable(id, log, error);
      await pause(Math.min(250 * failures, longestPauseMs), work.signal);
    }
  }
}

/**
 * What runs is to stay, said over a connection of its own: that it gets through is the proof that the machine can still be reached.
 * Also after a reboot in the middle, where the new system runs. @throws FloeError when it has gone back, or something else runs; ConnectionError
 */
export async function confirmActivation(
  machine: Machine,
  id: string,
  work: ActivationWork = {},
): Promise<ActivationEnd> {
  const answer = await despiteDrop(work.signal, work.awayMs ?? confirmPatienceMs, () =>
    call(machine, confirmScript, [id], { ...work, fresh: true, failure: `"${machine.name}" could not be confirmed` }),
  );
  if (answer.answer === "locked") throw lockedBy(machine, answer);
  const end = endOf(readActivation(answer), [], answer.newlyFailed);
  if (end.state === "confirmed") return end;
  throw new FloeError(`"${machine.name}" could not be confirmed: ${whyNot(end)}`, {
    hint: `What it did is in /var/lib/floe/activations/${id}/log on ${machine.where}`,
    details: { state: end.state, running: end.running },
  });
}

/**
 * Says over a connection of its own that the machine can be reached, and that it is to wait so much longer: for checks of health.
 * @throws FloeError when it does not wait any more, ConnectionError
 */
export async function prolongActivation(
  machine: Machine,
  id: string,
  seconds: number,
  work: ActivationWork = {},
): Promise<void> {
  const failure = `"${machine.name}" could not be asked to wait`;
  const args = [id, String(Math.ceil(seconds))];
  const answer = await despiteDrop(work.signal, work.awayMs ?? confirmPatienceMs, () =>
    call(machine, prolongScript, args, { ...work, fresh: true, failure }),
  );
  const { state, reason } = readActivation(answer);
  if (state !== "waiting") throw new FloeError(`"${machine.name}" does not wait any more: ${reason ?? state}`);
}

/**
 * Takes it back and waits for the end: of one that is under way, waits, was confirmed or was lost.
 * @throws LockedError while somebody else is at it, FloeError, CancelledError
 */
export async function revertActivation(
  machine: Machine,
  id: string,
  reason: string,
  work: ActivationWork = {},
): Promise<ActivationEnd> {
  const failure = `"${machine.name}" could not be told to go back`;
  const answer = await despiteDrop(work.signal, work.awayMs ?? revertPatienceMs, () =>
    call(machine, revertScript, [id, oneLine(reason)], { ...work, failure }),
  );
  if (answer.answer === "locked") throw lockedBy(machine, answer);
  if (answer.answer === "busy") throw lockedByOther(machine, answer.words.get("unit") ?? "");
  return awaitActivation(machine, id, work);
}

/** How one stands now; undefined where the machine knows nothing of it. @throws ConnectionError */
export async function readActivationOf(
  machine: Machine,
  id: string,
  work: ActivationWork = {},
): Promise<(Activation & Pick<ActivationEnd, "newlyFailed">) | undefined> {
  const answer = await follow(machine, id, "none", { ...work, seconds: 0 });
  const activation = readActivation(answer);
  return activation.lostBy === "unknown" ? undefined : { ...activation, newlyFailed: answer.newlyFailed };
}

/** All that the machine knows of, the newest first: under way, waiting and the last that ended. @throws ConnectionError */
export async function readActivations(machine: Machine, work: ActivationWork = {}): Promise<readonly Activation[]> {
  const { exitCode, stdout, stderr } = await machine.script(listScript, [], { root: true, signal: work.signal });
  if (exitCode !== 0) throw new FloeError(`The activations of "${machine.name}" cannot be read: ${lastLine(stderr)}`);
  return readList(stdout.split("\n"));
}

/** Not over, and not waiting to be confirmed. */
export function isUnderWay({ state }: Activation): boolean {
  return state === "starting" || state === "booting" || state === "switching" || state === "going-back";
}

// --- internal ---

/** One look lasts no longer than this, so that a connection that hangs is noticed. */
const lookSeconds = 15;
const slackMs = 20_000;
const defaultAwayMs = 900_000;
const longestPauseMs = 2_000;
/** A connection that is only just lost is tried again. */
const startPatienceMs = 5_000;
/** A switch that restarts the network is back by then; so is, mostly, a machine that went back by itself. */
const confirmPatienceMs = 60_000;
const revertPatienceMs = 300_000;
const logLines = 200;

interface CallOptions extends ActivationWork {
  readonly fresh?: boolean;
  readonly failure: string;
}

async function call(machine: Machine, script: string, args: readonly string[], options: CallOptions): Promise<Answer> {
  const { signal, fresh = false, failure } = options;
  const { exitCode, stdout, stderr } = await machine.script(script, args, { root: true, signal, fresh });
  if (exitCode !== 0) throw new FloeError(`${failure}: ${lastLine(stderr)}`);
  return readAnswer(stdout.split("\n"));
}

interface FollowOptions extends ActivationWork {
  readonly onLogLine?: (line: string) => void;
  readonly seconds?: number;
  readonly fresh?: boolean;
}

async function follow(machine: Machine, id: string, lines: number | "none", options: FollowOptions): Promise<Answer> {
  const { signal, onLogLine, seconds = lookSeconds, fresh = false } = options;
  const { exitCode, stdout, stderr } = await machine.script(followScript, [id, String(lines), String(seconds)], {
    root: true,
    signal,
    fresh,
    timeoutMs: seconds * 1000 + slackMs,
    onStdoutLine: (line) => {
      if (line.startsWith("|")) onLogLine?.(line.slice(1));
    },
  });
  if (exitCode !== 0) throw new FloeError(`"${machine.name}" cannot be asked: ${lastLine(stderr)}`);
  return readAnswer(stdout.split("\n").filter((line) => !line.startsWith("|")));
}

function endOf(activation: Activation, log: readonly string[], newlyFailed: readonly string[]): ActivationEnd {
  const { state } = activation;
  return {
    ...activation,
    state:
      state === "starting" || state === "booting" || state === "switching" || state === "going-back" ? "lost" : state,
    log: log.slice(-logLines).join("\n"),
    newlyFailed,
    commands: state === "rollback-failed" ? recoveryCommands(activation) : [],
  };
}

function unreachable(id: string, log: readonly string[], error: unknown): ActivationEnd {
  const lost = readActivation(
    readAnswer([`id ${id}`, "state lost", "why unreachable", `reason ${oneLine(messageOf(error))}`]),
  );
  return endOf(lost, log, []);
}

function whyNot({ state, reason, running, system, lostBy }: ActivationEnd): string {
  if (state === "lost" && running !== system) return `${running ?? "nothing"} runs there, not ${system || "it"}`;
  if (state === "lost") return `nothing is known of it there (${lostBy})`;
  return reason ?? `it is ${state}`;
}

function throwIfCancelled({ signal }: ActivationWork): void {
  if (signal?.aborted) throw new CancelledError("Cancelled");
}

/** What is a line of its own in the machine's records, and a field between tabs. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}
