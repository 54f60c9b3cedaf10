/** What changes on one host: what was observed there beside what is to run. Pure. */
import type { ActivationAction, HostChange, HostGeneration, PackageChange } from "../../model/host-plan.ts";
import type { Problem } from "../../model/plan.ts";
import { defined } from "../../util/defined.ts";
import { lastLine } from "../../util/last-line.ts";
import { parseDryActivate } from "./dry-activate.ts";
import type { Examination } from "./examine-host.ts";
import type { ObservedHost, SystemParts } from "./observed.ts";
import { type Closure, sizeOf } from "./packages.ts";
import { rebootReasons } from "./reboot.ts";
import { findUnknown } from "./unknown.ts";

export interface PlanHostInput {
  readonly fleet: string;
  readonly action: ActivationAction;
  readonly name: string;
  readonly where: string;
  /** As the fleet says it: `x86_64-linux`. */
  readonly platform: string;
  /** The store path that is to run. */
  readonly system: string;
  readonly observed: ObservedHost;
  /** A generation that somebody else made is taken over. */
  readonly adopt: boolean;
  /** What waits for a reboot is rebooted. */
  readonly reboot?: boolean;
  /** Found out only where something changes. */
  readonly found?: HostFindings | undefined;
}

/** What is known beside the observation about a change. */
export interface HostFindings {
  readonly examination: Examination;
  /** The new system's closure; absent before the build. */
  readonly closure?: Closure | undefined;
  readonly parts: SystemParts;
  readonly packages?: readonly PackageChange[] | undefined;
  readonly packagesFrom?: "closures" | "derivations";
  /** As floe tells it from the unit files; the new system's own word counts more. */
  readonly units?: HostChange["units"] | undefined;
  readonly causes?: readonly string[] | undefined;
}

export interface PlannedHost {
  readonly change: HostChange;
  readonly problems: readonly Problem[];
}

/** What is done already needs nothing more: it runs, and boots where the action makes it boot. */
export function isDone(action: ActivationAction, system: string, { current, boots }: ObservedHost): boolean {
  const runs = current === system;
  const isDefault = boots?.system === system;
  if (action === "boot") return isDefault;
  return action === "switch" ? runs && isDefault : runs;
}

export function planHost(input: PlanHostInput): PlannedHost {
  const { action, name, where, system, observed, found } = input;
  const done = isDone(action, system, observed);
  const unknown = done ? undefined : findUnknown(input);
  const reasons = rebootReasons(observed.parts.booted, partsToRun(input));
  const isRebootOnly = done && input.reboot === true && waitsForReboot(input, reasons);
  const change: HostChange = {
    kind: "host",
    address: `host:${name}`,
    name,
    where,
    action: done && !isRebootOnly ? "none" : "update",
    system,
    ...defined({ current: observed.current, booted: observed.booted, boots: observed.boots }),
    ...(found === undefined || done ? {} : describeFindings(found)),
    reboot: reasons,
    ...(isRebootOnly ? { isRebootOnly } : {}),
    ...defined({ unknown }),
    failedUnits: observed.failedUnits,
    notes: [...(isRebootOnly ? ["It has its system already, and is only rebooted"] : []), ...notesOn(input, done)],
  };
  return { change, problems: done ? [] : problemsOf(input, change) };
}

// --- internal ---

/** `test` leaves what boots as it is, so that a reboot would bring something else. */
function waitsForReboot({ action, system, observed }: PlanHostInput, reasons: readonly string[]): boolean {
  return (
    observed.boots?.system === system && (reasons.length > 0 || (action === "boot" && observed.current !== system))
  );
}

/** Where nothing changes, what runs may still wait for a reboot. */
function partsToRun({ system, observed, found }: PlanHostInput): SystemParts {
  return found?.parts ?? (observed.current === system ? observed.parts.current : {});
}

function describeFindings(found: HostFindings): Partial<HostChange> {
  const { examination, closure, packages, packagesFrom, causes } = found;
  const before = examination.closure;
  const missing = examination.missing;
  const copy = missing?.reduce((sum, path) => sum + (closure?.get(path) ?? 0), 0) ?? (closure && sizeOf(closure));
  return {
    ...(packages === undefined ? {} : defined({ packages, packagesFrom })),
    ...(closure === undefined || copy === undefined
      ? {}
      : { closure: { before: before === undefined ? 0 : sizeOf(before), after: sizeOf(closure), copy } }),
    ...unitsOf(found),
    ...defined({ causes }),
  };
}

function unitsOf({ examination: { dryActivate }, units }: HostFindings): Pick<HostChange, "units" | "unitsFrom"> {
  if (dryActivate?.exitCode === 0) return { units: parseDryActivate(dryActivate.text), unitsFrom: "dry-activate" };
  return units === undefined ? {} : { units, unitsFrom: "comparison" };
}

function notesOn(input: PlanHostInput, done: boolean): string[] {
  return [...(done ? [] : changeNotes(input)), ...bootNotes(input)];
}

function changeNotes({ observed: { current, records }, found }: PlanHostInput): string[] {
  const said = found?.examination.dryActivate;
  return [
    ...(current === undefined ? ["No NixOS runs there yet"] : []),
    ...(current !== undefined && records === undefined ? ["The first switch by floe"] : []),
    ...(said === undefined || said.exitCode === 0
      ? []
      : [`The new system's dry-activate ends with exit code ${said.exitCode}: ${lastLine(said.text)}`]),
  ];
}

/** What runs is not always what boots. */
function bootNotes({ action, system, observed: { current, boots, generations } }: PlanHostInput): string[] {
  if (current === undefined || boots === undefined || boots.system === current) return [];
  if (current === system && action === "switch") return ["It runs already, and becomes what the next boot brings"];
  if (!generations.some((each) => each.system === current))
    return ["What runs is in no generation of the profile, as after a test: the next boot does not bring it"];
  return boots.system === system ? [] : [`The next boot brings generation ${boots.number}, not what runs now`];
}

function problemsOf({ name, where, platform, observed, adopt }: PlanHostInput, change: HostChange): Problem[] {
  const subject = `host ${name}`;
  const problems: Problem[] = [];
  if (observed.platform !== undefined && !runsOn(platform, observed.platform))
    problems.push({
      subject,
      message: `It is described for "${platform}", but ${where} is "${observed.platform}"`,
      hint: `Set its "system" to "${observed.platform}", or its "target" to the machine that is meant`,
    });
  const { closure, unknown } = change;
  if (closure !== undefined && observed.freeBytes !== undefined && closure.copy > observed.freeBytes)
    problems.push({
      subject,
      message: `The disk of its Nix store is too small: ${megabytes(closure.copy)} have to be copied, ${megabytes(observed.freeBytes)} are free`,
      hint: "Delete old generations there: floe gc, or nix-collect-garbage --delete-older-than 30d",
    });
  if (unknown !== undefined && !adopt)
    problems.push({
      subject,
      message: `${describeGeneration(unknown.generation)} was not made by this fleet${unknown.by === undefined ? "" : ` but by ${unknown.by}`}`,
      hint: "Look what it is: floe history NAME. Then --adopt goes on from there".replace("NAME", name),
    });
  return problems;
}

function describeGeneration({ number, system }: HostGeneration): string {
  const what = system.replace(/^\/nix\/store\/([0-9a-z]{7})[0-9a-z]*-/, "$1…-");
  return number === 0 ? `What runs (${what}, in no generation)` : `Generation ${number} (${what})`;
}

/** A machine of 64 bits runs the programs of its predecessor too. */
function runsOn(platform: string, machine: string): boolean {
  const also: Readonly<Record<string, readonly string[]>> = {
    "x86_64-linux": ["i686-linux"],
    "aarch64-linux": ["armv7l-linux", "armv6l-linux"],
  };
  return platform === machine || (also[machine]?.includes(platform) ?? false);
}

function megabytes(count: number): string {
  return `${Math.ceil(count / 1_000_000)} MB`;
}
