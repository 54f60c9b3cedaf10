/**
 * Cleaning a machine up: generations that nobody goes back to, and what only they hold.
 *
 *     profiles → sort (keep, drop) → simulate → plan ──ask──▶ collect
 *
 * The plan names every store path that goes; what the plan does not name stays, whatever becomes garbage meanwhile.
 */
import { FloeError } from "../errors.ts";
import type { CommandOptions, Machine } from "../machine/machine.ts";
import type { DeadPath, GcPlan, GcResult } from "./gc-plan.ts";
import { type GcPolicy, type Profile, type ProfileGeneration, type Profiles, sortProfiles } from "./gc-policy.ts";
import { collectScript, profilesScript, simulateScript } from "./gc-scripts.ts";

/** What there is and what would go; changes nothing. Root's rights are needed. @throws ConnectionError, FloeError, CancelledError */
export async function planGc(machine: Machine, policy: GcPolicy, signal?: AbortSignal): Promise<GcPlan> {
  const observed = readProfiles(await call(machine, profilesScript, { signal }, "look for profiles"));
  const profiles = sortProfiles(observed, policy);
  const links = profiles.flatMap(({ profile, dropped }) => dropped.map(({ number }) => `${profile}-${number}-link\n`));
  const answer = await call(machine, simulateScript, { signal, input: links.join("") }, "find out what would be freed");
  if (!answer.endsWith("end\n"))
    throw new FloeError(`${machine.where} did not say what would be freed: ${answer.trim()}`);
  const dead = readDead(answer);
  const sum = (isGarbage: boolean): number =>
    dead.reduce((total, one) => (one.isGarbage === isGarbage ? total + one.bytes : total), 0);
  return { profiles, dead, frees: { held: sum(false), garbage: sum(true) } };
}

/**
 * Does what the plan says and no more. @throws FloeError when the machine has changed since, another one is cleaning it up, or nothing could be
 * done: then everything is as before; ConnectionError, CancelledError
 */
export async function collectGarbage(machine: Machine, plan: GcPlan, signal?: AbortSignal): Promise<GcResult> {
  const drops = plan.profiles.flatMap(({ profile, dropped }) =>
    dropped.map(({ number, path }) => `drop\t${profile}\t${number}\t${path}\n`),
  );
  const dead = plan.dead.map(({ path }) => `dead\t${path}\n`);
  const answer = await call(machine, collectScript, { signal, input: [...drops, ...dead].join("") }, "clean up");
  return readResult(machine, plan, drops.length, answer);
}

export function readProfiles(text: string): Profiles {
  const said = new Map<string, string>();
  const entries: number[] = [];
  const profiles = new Map<string, Profile & { readonly generations: ProfileGeneration[] }>();
  for (const line of text.split("\n")) {
    const [word = "", value = "", owner = "", link = "", number, at, path = ""] = line.split("\t");
    if (word === "entry") entries.push(Number(value));
    else if (word !== "generation") said.set(word, value);
    else {
      const current = /-(\d+)-link$/.exec(link)?.[1];
      const known = profiles.get(value) ?? {
        profile: value,
        kind: kindOf(value),
        owner,
        current: current === undefined ? undefined : Number(current),
        generations: [],
      };
      known.generations.push({ number: Number(number), path, at: Number(at) * 1000 });
      profiles.set(value, known);
    }
  }
  for (const { generations } of profiles.values()) generations.sort((a, b) => a.number - b.number);
  return {
    now: Number(said.get("now")) * 1000,
    running: said.get("running") || undefined,
    booted: said.get("booted") || undefined,
    bootEntries: entries,
    profiles: [...profiles.values()].sort((a, b) => rank(a) - rank(b) || (a.profile < b.profile ? -1 : 1)),
  };
}

// --- internal ---

/** A store of many generations takes its time, and so does a slow disk. */
const gcMs = 3_600_000;

async function call(machine: Machine, script: string, options: CommandOptions, what: string): Promise<string> {
  const result = await machine.script(script, [], { root: true, timeoutMs: gcMs, ...options });
  if (result.exitCode === 0) return result.stdout;
  throw new FloeError(`Cannot ${what} on ${machine.where}: ${result.stderr.trim() || `exit code ${result.exitCode}`}`, {
    hint: result.exitCode === 127 ? "Nix is needed there" : undefined,
  });
}

function kindOf(profile: string): Profile["kind"] {
  if (/\/profiles\/(system$|system-profiles\/)/.test(profile)) return "system";
  return profile.endsWith("/home-manager") ? "home" : "user";
}

function rank({ kind }: Profile): number {
  return ["system", "home", "user"].indexOf(kind);
}

function readDead(text: string): DeadPath[] {
  const lines = text.split("\n").filter((line) => line.startsWith("dead\t"));
  const paths = lines.map((line) => {
    const [, path = "", bytes, how] = line.split("\t");
    return { path, bytes: Number(bytes), isGarbage: how === "garbage" };
  });
  return paths.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const failures: Readonly<Record<string, string>> = {
  generations: "Generations could not be dropped; they are as before",
  menu: "The boot menu could not be written anew; the generations are back, nothing was deleted",
};

function readResult({ name, where }: Machine, plan: GcPlan, dropped: number, answer: string): GcResult {
  const lines = answer.split("\n").map((line) => line.split("\t"));
  const find = (word: string): readonly string[] | undefined => lines.find(([first]) => first === word);
  const moved = find("moved");
  if (moved !== undefined)
    throw new FloeError(
      `"${name}" has changed since the plan was made: ${moved[1]} ${moved[2]} now; nothing was deleted`,
      {
        hint: "Run floe gc again for a new plan",
      },
    );
  const busy = find("busy");
  if (busy !== undefined)
    throw new FloeError(`"${name}" is being cleaned up by process ${busy[1]}`, {
      hint: `Wait until it ends on ${where}`,
    });
  const [, stage = "", reason = ""] = find("failed") ?? [];
  const failure = failures[stage];
  if (failure !== undefined) throw new FloeError(`${failure}: ${reason.trim()}`, { hint: `Look at it on ${where}` });
  if (find("end") === undefined) throw new FloeError(`${where} did not say what became of it`);
  const left = new Set(lines.flatMap(([word, path = ""]) => (word === "left" ? [path] : [])));
  const gone = plan.dead.filter(({ path }) => !left.has(path));
  return {
    dropped,
    paths: gone.length,
    bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0),
    menu: find("menu") !== undefined,
    left: left.size,
    ...(stage === "collect" ? { problem: `Not everything could be collected: ${reason.trim()}` } : {}),
  };
}
