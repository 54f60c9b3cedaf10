/** Asks a machine what a change would mean there, with one script over the connection that is open. */
import { ConnectionError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import { defined } from "../../util/defined.ts";
import { examineScript } from "./examine-script.ts";
import { partsOf, readLines } from "./observe-host.ts";
import type { SystemParts } from "./observed.ts";
import type { Closure } from "./packages.ts";
import type { UnitLinks } from "./units.ts";

/** What the machine says about what runs there and what is to run. */
export interface Examination {
  /** The closure of what runs. Absent where there is no Nix, or nothing runs. */
  readonly closure?: Closure;
  /** The new system as the machine has it, where it was asked for that and has it. */
  readonly next?: { readonly closure: Closure; readonly parts: SystemParts };
  /** Store paths of the new closure that the machine does not have. Absent where there is no Nix. */
  readonly missing?: readonly string[];
  /** What `environment.systemPackages` of what runs named, and what those are made of. */
  readonly selected: readonly string[];
  readonly units: UnitLinks;
  /** Units that run. */
  readonly active: ReadonlySet<string>;
  /** What the new system's `dry-activate` printed, and how it ended. Absent when it was not asked, or is not there. */
  readonly dryActivate?: { readonly exitCode: number; readonly text: string };
}

export interface ExamineOptions {
  readonly current: string | undefined;
  readonly system: string;
  /** Of the new system, where it is known here; else the machine is asked for it. */
  readonly closure?: Closure | undefined;
  /** Ask the new system what it would do, if the machine has it; that takes root. */
  readonly dryActivate: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** @throws ConnectionError when the machine cannot be reached or does not answer to the end, CancelledError */
export async function examineHost(
  machine: Machine,
  { current = "", system, closure, dryActivate, signal }: ExamineOptions,
): Promise<Examination> {
  const mode = [...(dryActivate ? ["dry-activate"] : []), ...(closure === undefined ? ["closure"] : [])].join(" ");
  const { stdout, stderr, exitCode } = await machine.script(examineScript, [current, system, mode], {
    input: [...(closure?.keys() ?? [])].map((path) => `${path}\n`).join(""),
    root: dryActivate,
    timeoutMs: examineMs,
    ...defined({ signal }),
  });
  const examination = parseExamination(stdout);
  if (examination !== undefined) return examination;
  throw new ConnectionError(
    `Cannot ask ${machine.where} what would change: ${stderr.trim() || `exit code ${exitCode}`}`,
    {
      details: { where: machine.where },
    },
  );
}

/** What the script printed; undefined when it did not come to its end. */
export function parseExamination(text: string): Examination | undefined {
  const sections = readSections(text);
  if (!sections.has("end")) return undefined;
  const lines = (name: string): readonly string[] => sections.get(name) ?? [];
  const closure = closureOf(lines("closure"), lines("closure-sizes"));
  const next = closureOf(lines("next"), lines("next-sizes"));
  const ending = [...sections.keys()].find((name) => name.startsWith("exit "));
  return {
    ...defined({ closure }),
    ...(next === undefined ? {} : { next: { closure: next, parts: partsIn(lines("next-parts")) } }),
    ...(sections.has("asked") ? { missing: lines("missing") } : {}),
    selected: lines("selected"),
    units: {
      links: new Map(lines("units").map((line) => line.split("\t", 2) as [string, string])),
      keptOnRemoval: new Set(lines("kept")),
    },
    active: new Set(lines("active").map((line) => line.trim().split(/\s+/)[0] ?? "")),
    ...(ending === undefined
      ? {}
      : { dryActivate: { exitCode: Number(ending.slice("exit ".length)), text: lines("dry-activate").join("\n") } }),
  };
}

// --- internal ---

/** A slow machine goes through some thousand store paths. */
const examineMs = 180_000;

function closureOf(paths: readonly string[], sizes: readonly string[]): Closure | undefined {
  return paths.length === 0 ? undefined : new Map(paths.map((path, index) => [path, Number(sizes[index] ?? 0)]));
}

function partsIn(lines: readonly string[]): SystemParts {
  return partsOf(readLines(lines.join("\n")).one, "next");
}

function readSections(text: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("# ")) {
      lines = [];
      sections.set(line.slice(2), lines);
    } else if (line !== "") lines.push(line);
  }
  return sections;
}
