/**
 * One host, once it has its system:
 *
 *     switch → confirm → health → commit (→ reboot → health)
 *        └───────┴──────────┴── failed: rollback
 *
 * Until `commit` the machine goes back by itself when it hears nothing of floe.
 */
import { CancelledError, ConnectionError, FloeError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import { pause } from "../../util/pause.ts";
import {
  type ActivationEnd,
  awaitActivation,
  confirmActivation,
  prolongActivation,
  readActivationOf,
  startActivation,
} from "../activation/activation.ts";
import { done, type Outcome, reasonOf, step, throwIfCancelled } from "../context.ts";
import { activationId } from "./activation-id.ts";
import { conflictError, conflictsIn, unitFailure } from "./failed-units.ts";
import { goBack, outcomeOfEnd } from "./go-back.ts";
import { waitHostHealthy } from "./health.ts";
import { rebootMachine } from "./reboot.ts";
import { rememberMachine } from "./remember.ts";
import type { HostsRun, HostTarget } from "./run.ts";

/**
 * Never throws for what happens on the machine: that is in the outcome.
 * @throws before anything is changed: LockedError, ConnectionError, CancelledError
 */
export async function switchHost(run: HostsRun, target: HostTarget): Promise<Outcome> {
  const { context, input } = run;
  throwIfCancelled(context);
  if (target.change.isRebootOnly) return reboot(run, target, true);
  const id = activationId(input.journal.id, target.host.name);
  const { end, error } = await activate(run, target, id);
  if (end === undefined || error !== undefined) return afterFailedSwitch(run, target, id, end, error);
  run.confirmed.set(target.change.address, id);
  if (end.state === "confirmed") return afterBoot(run, target);
  return prove(run, target, id, end);
}

// --- internal ---

interface Activated {
  /** Absent when nothing was heard of it. */
  readonly end?: ActivationEnd;
  /** Why it is not as it should be. */
  readonly error?: unknown;
}

/** Once it is begun, Ctrl-C does not end it: it comes to a known state first. @throws what it is refused with */
async function activate({ context, input }: HostsRun, target: HostTarget, id: string): Promise<Activated> {
  const { machine, change, host } = target;
  const { record, plan } = input;
  const confirmSeconds = (host.confirmMs ?? defaultConfirmMs) / 1000;
  const request = { id, system: change.system, action: plan.action, confirmSeconds, record };
  let hasBegun = false;
  let end: ActivationEnd | undefined;
  try {
    await step(context, change.address, plan.action === "boot" ? "boot" : "switch", async () => {
      await startActivation(machine, request);
      hasBegun = true;
      end = await untilBooted(machine, await awaitActivation(machine, id));
      requireSwitched(target, end);
    });
  } catch (error) {
    // A connection that ends leaves open whether it was heard.
    if (!hasBegun && !(error instanceof ConnectionError)) throw error;
    return end === undefined ? { error } : { end, error };
  }
  return end === undefined ? {} : { end };
}

const defaultConfirmMs = 30_000;
/** From the first answer of a machine that boots until its system runs. */
const bootMs = 120_000;
/** For the connections around the checks. */
const slackSeconds = 30;

/** A machine that rebooted in the middle may answer before it runs what it boots. */
async function untilBooted(machine: Machine, end: ActivationEnd): Promise<ActivationEnd> {
  const deadline = performance.now() + bootMs;
  let latest = end;
  while (isBooting(latest) && performance.now() < deadline) {
    await pause(500);
    const found = await readActivationOf(machine, end.id).catch(() => undefined);
    if (found !== undefined) latest = { ...latest, ...found, state: "lost" };
  }
  return latest;
}

function isBooting({ state, lostBy, running, boots, system }: ActivationEnd): boolean {
  return state === "lost" && lostBy === "rebooted" && running !== system && boots === system;
}

/** @throws FloeError when the machine does not wait to be confirmed */
function requireSwitched(target: HostTarget, end: ActivationEnd): void {
  if (end.state === "waiting" || end.state === "confirmed") return;
  // It booted the new system in the middle: boot comes before switch.
  if (end.state === "lost" && end.lostBy === "rebooted" && end.running === target.change.system) return;
  throw new FloeError(end.reason ?? lossWords(target, end));
}

function lossWords({ machine }: HostTarget, { lostBy, running, boots }: ActivationEnd): string {
  if (lostBy === "rebooted")
    return `The machine rebooted in the middle, and runs ${running ?? "no NixOS"} instead of the new system (it boots ${boots ?? "none"})`;
  if (lostBy === "killed") return "What switched it was killed";
  return `Nothing was heard of ${machine.where} any more`;
}

async function afterFailedSwitch(
  run: HostsRun,
  target: HostTarget,
  id: string,
  end: ActivationEnd | undefined,
  error: unknown,
): Promise<Outcome> {
  if (end === undefined || (end.state === "lost" && end.lostBy !== "unreachable"))
    return goBack(run, target, id, error);
  const conflicts = conflictsIn(end.log);
  const cause = conflicts.length > 0 ? conflictError(target.machine, conflicts) : error;
  return outcomeOfEnd(target, end, withLog(cause, end));
}

/** The machine waits, and is at most to wait until its checks have passed. */
async function prove(run: HostsRun, target: HostTarget, id: string, end: ActivationEnd): Promise<Outcome> {
  const { context, input } = run;
  const { machine, change, host } = target;
  const act = <T>(word: string, work: () => Promise<T>): Promise<T> => step(context, change.address, word, work);
  const since = performance.now();
  try {
    if (end.state === "waiting")
      await act("confirm", () => prolongActivation(machine, id, secondsFor(target), { signal: context.signal }));
    await act("health", async () => {
      if (end.newlyFailed.length > 0 && end.hasSystemd === false) throw await unitFailure(machine, end.newlyFailed);
      const failedBefore = change.failedUnits;
      await waitHostHealthy({ machine, checks: host.health, failedBefore, since }, context.signal);
    });
    throwIfCancelled(context);
  } catch (error) {
    if (input.options?.noRollback === true && !(error instanceof CancelledError))
      return keepUnhealthy(run, target, id, error);
    return goBack(run, target, id, withLog(error, end));
  }
  return commit(run, target, id);
}

async function commit(run: HostsRun, target: HostTarget, id: string): Promise<Outcome> {
  const { context, input } = run;
  const { machine, change } = target;
  try {
    await step(context, change.address, "commit", () => confirmActivation(machine, id));
  } catch (error) {
    return goBack(run, target, id, error);
  }
  run.confirmed.set(change.address, id);
  await rememberMachine(input.root, machine);
  return reboot(run, target);
}

async function afterBoot(run: HostsRun, target: HostTarget): Promise<Outcome> {
  await rememberMachine(run.input.root, target.machine);
  return reboot(run, target, true);
}

/** Only where it was asked for, and the new system needs it. A machine that reboots is not taken back: it needs somebody who looks at it. */
async function reboot(run: HostsRun, target: HostTarget, isNeeded = false): Promise<Outcome> {
  const { context, input } = run;
  const { machine, change, host } = target;
  if (input.options?.reboot !== true || !(isNeeded || change.reboot.length > 0)) return done;
  if (machine.target.kind === "local") {
    const text = `Reboot this machine yourself: ${change.reboot.join(", ") || "the new system is the one that boots next"}`;
    context.emit({ type: "message", level: "info", text });
    return done;
  }
  try {
    await step(context, change.address, "reboot", () =>
      rebootMachine(machine, { system: change.system }, context.signal),
    );
    await step(context, change.address, "health", () =>
      waitHostHealthy({ machine, checks: host.health, failedBefore: change.failedUnits }, context.signal),
    );
    return done;
  } catch (error) {
    return { outcome: "failed", ...reasonOf(error) };
  }
}

/** `--no-rollback`: what is wrong is told, and the machine keeps what it runs. */
async function keepUnhealthy(run: HostsRun, target: HostTarget, id: string, error: unknown): Promise<Outcome> {
  const { machine, change } = target;
  const reason = reasonOf(error);
  try {
    await step(run.context, change.address, "commit", () => confirmActivation(machine, id));
  } catch (refused) {
    return goBack(run, target, id, refused);
  }
  return {
    ...reason,
    outcome: "failed",
    error: `${reason.error}; it runs the new system all the same, as --no-rollback says`,
    hint: reason.hint ?? `Take it back with: floe rollback ${machine.name}`,
  };
}

function secondsFor({ host }: HostTarget): number {
  return Math.max(0, ...host.health.map(({ withinMs }) => withinMs)) / 1000 + slackSeconds;
}

/** The last lines of the switch belong to its error where units or the script failed. */
function withLog(error: unknown, end: ActivationEnd | undefined): unknown {
  const lines = (end?.log ?? "")
    .trim()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("floe: "));
  if (!(error instanceof FloeError) || error instanceof CancelledError || lines.length === 0) return error;
  if (error.message.includes("\n")) return error;
  const tail = lines.slice(-logLines).map((line) => `  ${line}`);
  return new FloeError(`${error.message}; the last lines of the switch:\n${tail.join("\n")}`, {
    hint:
      error.hint ??
      (end === undefined ? undefined : `All of it is on the machine: /var/lib/floe/activations/${end.id}/log`),
    cause: error,
  });
}

const logLines = 8;
