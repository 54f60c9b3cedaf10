/** Reads what the scripts on a machine answer: lines `WORD VALUE`. */

/** How an activation stands. */
export type ActivationState =
  /** Under way. */
  | "starting"
  | "booting"
  | "switching"
  | "going-back"
  /** Switched to; it goes back unless it is confirmed in time. */
  | "waiting"
  /** For `boot`: made the one that boots. */
  | "confirmed"
  /** Nothing of what runs was touched, and the profile and boot loader are as before. */
  | "failed"
  | "rolled-back"
  | "rollback-failed"
  /** Its supervisor is gone: `lostBy` says how. */
  | "lost";

/** Why nothing is heard of a supervisor. */
export type Loss = "rebooted" | "killed" | "unreachable" | "unknown";

/** An activation as its machine tells of it. Paths are store paths. */
export interface Activation {
  readonly id: string;
  readonly state: ActivationState;
  readonly action: "switch" | "boot" | "test";
  /** What it is to. */
  readonly system: string;
  /** What ran before; empty: no NixOS. */
  readonly previous: string;
  /** What would have booted before: the system, and the name of its generation's link in the profile. */
  readonly bootedBefore?: { readonly system: string; readonly link: string };
  /** Of `switch-to-configuration`; 124: it took too long; 125: it was ended to go back. */
  readonly exitCode?: number;
  /** Of the generation that was made. */
  readonly generation?: number;
  /** Why it went back, or what else went wrong. */
  readonly reason?: string;
  readonly lostBy?: Loss;
  /** How far it was when it was lost. */
  readonly lostWhile?: ActivationState;
  /** What runs now, was booted, and boots next. */
  readonly running?: string;
  readonly booted?: string;
  readonly boots?: string;
  /** False: no systemd runs there, so of units is known only what the switch said. */
  readonly hasSystemd: boolean;
  /** Who asked for it: `user@machine`, their fleet and its revision. */
  readonly by: string;
  readonly fleet: string;
  readonly revision?: string;
  /** Seconds since it began, by the machine's own count; absent after a reboot. */
  readonly ageSeconds?: number;
  /** Seconds until it goes back, while it waits. */
  readonly secondsLeft?: number;
  /** Milliseconds since the epoch, by the machine's clock, which may be wrong: for people. */
  readonly at?: number;
}

/** An answer, with the units that failed by now and had not before. */
export interface Answer {
  /** What a call was answered before the report: `started`, `locked`, `busy`. */
  readonly answer: string | undefined;
  readonly words: ReadonlyMap<string, string>;
  readonly newlyFailed: readonly string[];
}

export function readAnswer(lines: Iterable<string>): Answer {
  const words = new Map<string, string>();
  const newlyFailed: string[] = [];
  for (const line of lines) {
    const space = line.indexOf(" ");
    const word = space === -1 ? line : line.slice(0, space);
    const value = space === -1 ? "" : line.slice(space + 1);
    if (word === "failed") newlyFailed.push(value);
    else if (word !== "") words.set(word, value);
  }
  return { answer: words.get("answer"), words, newlyFailed };
}

/** The activation that an answer tells of. @throws TypeError for an answer that is none */
export function readActivation({ words }: Answer): Activation {
  const text = (word: string): string => words.get(word) ?? "";
  const state = stateOf(text("state"));
  const { by, fleet } = { by: text("by"), fleet: text("fleet") };
  return {
    id: text("id"),
    state,
    action: text("action") === "boot" ? "boot" : text("action") === "test" ? "test" : "switch",
    system: text("system"),
    previous: text("previous"),
    ...(text("before") === "" ? {} : { bootedBefore: { system: text("before"), link: text("link") } }),
    ...optionalNumber("exitCode", words.get("exit")),
    ...optionalNumber("generation", words.get("number")),
    ...optionalText("reason", text("reason")),
    ...(state === "lost" ? lossOf(text("why"), words.get("was")) : {}),
    ...optionalText("running", text("current")),
    ...optionalText("booted", text("booted")),
    ...optionalText("boots", text("boots")),
    hasSystemd: text("systemd") === "yes",
    by,
    fleet,
    ...optionalText("revision", text("revision")),
    ...optionalNumber("ageSeconds", words.get("age")),
    ...optionalNumber("secondsLeft", words.get("left")),
    ...optionalNumber("at", words.get("at") === undefined ? undefined : `${text("at")}000`),
  };
}

/** The reports of a list, each from its line `activation ID` to the next. */
export function readList(lines: readonly string[]): Activation[] {
  const reports: string[][] = [];
  for (const line of lines) {
    if (line.startsWith("activation ")) reports.push([]);
    else if (!line.startsWith("held ")) reports.at(-1)?.push(line);
  }
  return reports.map((report) => readActivation(readAnswer(report)));
}

// --- internal ---

const states: readonly ActivationState[] = [
  "starting",
  "booting",
  "switching",
  "going-back",
  "waiting",
  "confirmed",
  "failed",
  "rolled-back",
  "rollback-failed",
  "lost",
];
const losses: readonly Loss[] = ["rebooted", "killed", "unreachable", "unknown"];

function stateOf(text: string): ActivationState {
  const found = states.find((state) => state === text);
  if (found === undefined) throw new TypeError(`The state of an activation was expected, not "${text}"`);
  return found;
}

function lossOf(why: string, was: string | undefined): Pick<Activation, "lostBy" | "lostWhile"> {
  return {
    lostBy: losses.find((loss) => loss === why) ?? "unknown",
    ...(was === undefined ? {} : { lostWhile: stateOf(was) }),
  };
}

function optionalText<K extends string>(key: K, value: string): { readonly [key in K]?: string } {
  return (value === "" ? {} : { [key]: value }) as { readonly [key in K]?: string };
}

function optionalNumber<K extends string>(key: K, value: string | undefined): { readonly [key in K]?: number } {
  const number = value === undefined || value === "" ? Number.NaN : Number(value);
  return (Number.isInteger(number) ? { [key]: number } : {}) as { readonly [key in K]?: number };
}
