/** The generations of a host's system profile, or of a home's, as they are on the machine. */
import { FloeError } from "../errors.ts";
import type { Machine } from "../machine/machine.ts";
import { parseRecords } from "../plan/hosts/observe-host.ts";
import type { GenerationRecord } from "../plan/hosts/observed.ts";
import { defined } from "../util/defined.ts";
import { Closures } from "./closures.ts";
import { observeScript } from "./observe-script.ts";

/** Whose generations: those of NixOS, or of the home of the user that floe comes in as. */
export type ProfileKind = "system" | "home";

export interface ObservedGeneration {
  readonly number: number;
  /** Store path. */
  readonly system: string;
  /** When its link was made; milliseconds since the epoch. */
  readonly at: number;
  /** Of NixOS, or of home-manager. */
  readonly version?: string;
  /** Of the repository that it comes from. */
  readonly revision?: string;
  /** Store path of its kernel; none in a container. */
  readonly kernel?: string;
  /** A switch to it was not confirmed, and the machine went back: as far as floe still knows. */
  readonly isFailed?: boolean;
}

export interface ObservedGenerations {
  /** Of the profile: `/nix/var/nix/profiles/system`. */
  readonly profile: string;
  /** The oldest first. */
  readonly generations: readonly ObservedGeneration[];
  /** The one that the profile points to: what a host boots next, and what a home is. */
  readonly current?: number;
  /** Store paths of what runs and of what was booted; hosts only. */
  readonly running?: string;
  readonly booted?: string;
  /** The oldest first; hosts only. */
  readonly records: readonly GenerationRecord[];
  /** Empty unless it was asked for. */
  readonly closures: Closures;
}

export interface ObserveOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ask what they are made of too, which takes a few seconds where there are many. */
  readonly closures?: boolean;
}

/** Closures of many generations are read from a disk. */
const observeMs = 180_000;

/** One question, whatever there is. Needs no root. @throws ConnectionError, CancelledError, FloeError when the machine has no Nix */
export async function observeGenerations(
  machine: Machine,
  kind: ProfileKind,
  { signal, closures = false }: ObserveOptions = {},
): Promise<ObservedGenerations> {
  const args = [kind, closures ? "closures" : ""];
  const { exitCode, stdout, stderr } = await machine.script(observeScript, args, { signal, timeoutMs: observeMs });
  if (exitCode !== 0)
    throw new FloeError(
      `Cannot read the generations of ${machine.where}: ${stderr.trim() || `exit code ${exitCode}`}`,
      {
        hint: "Look whether Nix works there: nix-store --version",
      },
    );
  return readAnswer(stdout);
}

/** @throws Error for what no machine answers */
export function readAnswer(text: string): ObservedGenerations {
  const closures = new Closures();
  const generations: ObservedGeneration[] = [];
  const lines: string[] = [];
  const failed = new Set<string>();
  const said = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const fields = line.split("\t");
    const [word = "", ...rest] = fields;
    if (word === "generation") generations.push(readGeneration(rest));
    else if (word === "record") lines.push(rest.join("\t"));
    else if (word === "failed") failed.add(rest.join("\t"));
    else if (word === "name" || word === "path") closures.read(fields);
    else said.set(word, rest);
  }
  const [profile = "", link = ""] = said.get("profile") ?? [];
  const records = parseRecords(lines);
  // One that was switched to once more, and confirmed, is as good as any.
  const isFailed = ({ number, system }: ObservedGeneration): boolean =>
    failed.has(`${number}\t${system}`) && !records.some((one) => one.number === number && one.system === system);
  const number = /-(\d+)-link$/.exec(link)?.[1];
  return defined({
    profile,
    generations: generations
      .sort((a, b) => a.number - b.number)
      .map((one) => (isFailed(one) ? { ...one, isFailed: true } : one)),
    current: number === undefined ? undefined : Number(number),
    running: said.get("running")?.[0] || undefined,
    booted: said.get("booted")?.[0] || undefined,
    records,
    closures,
  });
}

// --- internal ---

function readGeneration([number, system = "", at, version, revision, kernel]: readonly string[]): ObservedGeneration {
  const given = { version: version || undefined, revision: revision || undefined, kernel: kernel || undefined };
  return defined({ number: Number(number), system, at: Number(at) * 1000, ...given });
}
