/** Reads a flake's outputs: all in one nix process, and where that fails piece by piece, so that one failure does not hide the rest. */
import { join } from "node:path";
import { NixError } from "../errors.ts";
import type { EvalContext } from "../nix/eval.ts";
import { findNix } from "../nix/find.ts";
import { parallelism } from "../nix/memory.ts";
import { checkNetwork, type Network } from "../nix/network.ts";
import { forgetStage, sayWaiting, stageProject } from "../nix/stage.ts";
import { localSystem } from "../nix/system.ts";
import type { Emit } from "../report/events.ts";
import { withFileLock } from "../util/file-lock.ts";
import { readText } from "../util/files.ts";
import { mapLimit } from "../util/map-limit.ts";
import { type Answer, askOutputs } from "./ask-outputs.ts";
import { attributePath } from "./attribute-path.ts";
import { lockApart } from "./lock-apart.ts";
import { type LockedInput, lockedInputs } from "./lock-file.ts";
import { narHash } from "./nar-hash.ts";
import type { Part, Question } from "./outputs-nix.ts";
import { pairsIn } from "./pairs.ts";
import type { MissingInput, RawOutputs, Unread } from "./raw.ts";
import type { Failure } from "./why.ts";

export interface ReadOptions {
  /** The folder of flake.nix, absolute. */
  readonly root: string;
  readonly cacheDir: string;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface ReadOutputs {
  readonly outputs: RawOutputs;
  readonly system: string;
  readonly unread: readonly Unread[];
  readonly missing: readonly MissingInput[];
  /** flake.lock lacks inputs that flake.nix has: nix will write it before it builds anything. */
  readonly isLockBehind: boolean;
}

/** @throws NixError when nothing of the flake can be read; CancelledError, MissingError */
export async function readOutputs(options: ReadOptions): Promise<ReadOutputs> {
  const { root, cacheDir, emit, signal } = options;
  return withFileLock(join(cacheDir, "evaluate.lock"), { signal, onWait: sayWaiting(emit) }, () => read(options, root));
}

// --- internal ---

/** Packages that are looked at one by one, when they cannot be together. */
const MOST_ALONE = 40;

/** No binary cache has anything that reading needs, and whether there is a network is asked when something could not be fetched. */
const UNASKED: Network = { online: false, reason: "", substituters: [] };

interface Reading {
  /** The project's folder. */
  readonly root: string;
  context: EvalContext;
  readonly system: string;
  inputs: ReadonlyMap<string, LockedInput>;
  narHash: string;
  want: "all" | "names";
  mayBuild: boolean;
  isLocked: boolean;
  readonly blocked: Set<string>;
  readonly skipped: Set<Part>;
  readonly missing: Map<string, MissingInput>;
  readonly unread: Map<Part, string>;
}

async function read({ cacheDir, emit, signal }: ReadOptions, root: string): Promise<ReadOutputs> {
  const [tool, stage] = await Promise.all([findNix({ cacheDir }), stageProject({ root, emit, signal })]);
  const context: EvalContext = { nix: tool, network: UNASKED, stage: stage.path, emit, signal };
  const reading: Reading = {
    root,
    context,
    system: localSystem(),
    inputs: lockedInputs(readText(join(stage.path, "flake.lock"))),
    narHash: narHash(stage.path),
    want: "all",
    mayBuild: false,
    isLocked: false,
    blocked: new Set(),
    skipped: new Set(),
    missing: new Map(),
    unread: new Map(),
  };
  const together = await readTogether(reading);
  const outputs = await readTheRest(reading, together);
  await lookForMissing(reading);
  return {
    outputs,
    system: reading.system,
    unread: unreadOf(reading),
    missing: missingOf(reading),
    isLockBehind: reading.isLocked,
  };
}

function ask(reading: Reading, want: Question["want"]): Promise<Answer> {
  const { context, narHash, system, blocked, skipped, mayBuild } = reading;
  const question = { stage: context.stage, narHash, system, blocked: [...blocked], skipped: [...skipped], want };
  return askOutputs(context, question, mayBuild);
}

/** Each failure teaches what has to be left out the next time, so that there are as many processes as there are causes. */
async function readTogether(reading: Reading): Promise<RawOutputs> {
  for (;;) {
    const answer = await ask(reading, reading.want);
    if (answer.ok) {
      const outputs = answer.value as RawOutputs;
      if (outputs.unlocked.length === 0 || reading.isLocked) return outputs;
      await lockStage(reading, outputs.unlocked);
    } else if (!(await learn(reading, answer.failure))) {
      await lookForMissing(reading);
      throw unreadable(reading, answer.failure);
    }
  }
}

/** False when there is nothing left to leave out. */
async function learn(reading: Reading, failure: Failure): Promise<boolean> {
  const { input, unlocked, part, needsBuild } = failure;
  const isNamed = part !== undefined && part !== "outputs";
  if (input !== undefined && !reading.blocked.has(input)) {
    // Fetched with more patience where there is a network.
    if (!(await findNetwork(reading))) block(reading, input, failure.why);
    return true;
  }
  if (unlocked !== undefined && !reading.isLocked) {
    await lockStage(reading, [unlocked]);
    return true;
  }
  if (needsBuild && !reading.mayBuild && !(reading.want === "all" && part?.includes("/"))) {
    reading.mayBuild = true;
    return true;
  }
  if (reading.want === "all") {
    reading.want = "names";
    return true;
  }
  if (!isNamed || reading.skipped.has(part)) return false;
  reading.skipped.add(part);
  reading.unread.set(part, failure.why);
  return true;
}

/** True when there is one, and nobody knew yet. */
async function findNetwork(reading: Reading): Promise<boolean> {
  const { context } = reading;
  if (context.network !== UNASKED) return false;
  reading.context = { ...context, network: await checkNetwork(context.nix) };
  return reading.context.network.online;
}

function block(reading: Reading, key: string, why: string): void {
  const { name, url } = reading.inputs.get(key) ?? { name: key, url: "its address in flake.nix" };
  reading.blocked.add(key);
  reading.missing.set(key, { name, url, why, hint: missingHint(reading.context, url, why) });
}

function missingHint({ network, nix }: EvalContext, url: string, why: string): string {
  if (/unsupported .* input attribute/.test(why))
    return `flake.lock was written by a newer nix than this one, ${nix.version}: install a newer one`;
  if (!network.online) return `There is no network (${network.reason}): go online once, then repeat the command`;
  return /^(git\+)?ssh:|^git@/.test(url)
    ? "Try `ssh` to that server yourself: nix needs a key that asks for no password"
    : "Check the address and the network; a private repository wants `access-tokens` in nix.conf";
}

async function lockStage(reading: Reading, unlocked: readonly string[]): Promise<void> {
  await findNetwork(reading);
  const { context } = reading;
  // The lock that nix writes there is not the project's: the next stage begins anew, whatever becomes of this one.
  forgetStage(reading.root);
  const failed = await lockApart(context);
  reading.isLocked = true;
  reading.inputs = lockedInputs(readText(join(context.stage, "flake.lock")));
  reading.narHash = narHash(context.stage);
  const keys = new Map([...reading.inputs].map(([key, { name }]) => [name, key]));
  for (const failure of failed) {
    const key = failure && keys.get(failure.input);
    if (key !== undefined) block(reading, key, failure?.why ?? "");
    else if (failure !== undefined || !failed.some((each) => each !== undefined))
      noteUnlocked(reading, unlocked, failure?.why);
  }
}

/** Nix gave up before it wrote a lock: whatever needs these inputs throws. */
function noteUnlocked(reading: Reading, unlocked: readonly string[], why = "nix could not lock it"): void {
  for (const name of unlocked) {
    const url = "its address in flake.nix";
    reading.missing.set(name, { name, url, why, hint: missingHint(reading.context, url, why) });
  }
}

/** Offline it costs little to tell at once every input of the flake's own that is not there. */
async function lookForMissing(reading: Reading): Promise<void> {
  if (reading.missing.size === 0 || reading.context.network.online) return;
  const direct = [...reading.inputs].filter(([key, { name }]) => !name.includes("/") && !reading.blocked.has(key));
  await mapLimit(direct, parallelism(direct.length), async ([key]) => {
    const answer = await ask(reading, { only: `input/${key}` });
    if (!answer.ok && answer.failure.input !== undefined && !reading.blocked.has(key))
      block(reading, key, answer.failure.why);
  });
}

/** What threw, or was left out, is asked for alone: for its reason, or for what it is. */
async function readTheRest(reading: Reading, outputs: RawOutputs): Promise<RawOutputs> {
  const looked = reading.want === "all";
  const hosts = await fill(reading, outputs.hosts, (name) => `hosts/${name}`);
  const homes: Record<string, RawOutputs["homes"][string]> = {};
  for (const [set, members] of Object.entries(outputs.homes))
    homes[set] = await fill(reading, members, (name) => `${set}/${name}`);
  const unpaired = looked ? [] : unpairedNames(outputs, reading.system).slice(0, MOST_ALONE);
  const images = await fill(
    reading,
    Object.fromEntries(unpaired.map((name) => [name, null])),
    (name) => `package/${name}`,
  );
  const bySystem: Partial<Record<"packages" | "shells" | "checks", RawOutputs["packages"]>> = {};
  for (const [kind, output] of [
    ["packages", "packages"],
    ["shells", "devShells"],
    ["checks", "checks"],
  ] as const)
    bySystem[kind] = await fill(reading, outputs[kind], (system) => `${output}/${system}`);
  await fill(reading, Object.fromEntries(outputs.broken.map((name) => [name, null])), (name) => name);
  return { ...outputs, hosts, homes, ...bySystem, images: looked ? outputs.images : images };
}

async function fill<T>(
  reading: Reading,
  members: Readonly<Record<string, T | null>>,
  partOf: (name: string) => Part,
): Promise<Record<string, T | null>> {
  const names = Object.keys(members).filter((name) => members[name] === null && !reading.skipped.has(partOf(name)));
  const answers = await mapLimit(names, parallelism(names.length), async (name) => {
    let answer = await ask(reading, { only: partOf(name) });
    if (!answer.ok && answer.failure.input !== undefined && (await findNetwork(reading)))
      answer = await ask(reading, { only: partOf(name) });
    if (answer.ok) return [name, answer.value as T] as const;
    const { failure } = answer;
    if (failure.input !== undefined && !reading.blocked.has(failure.input)) block(reading, failure.input, failure.why);
    reading.unread.set(partOf(name), reasonOf(reading, failure));
    return [name, null] as const;
  });
  return { ...members, ...Object.fromEntries(answers) };
}

function reasonOf({ missing }: Reading, { input, unlocked, why, needsBuild }: Failure): string {
  const name = input === undefined ? unlocked : (missing.get(input)?.name ?? input);
  if (name !== undefined) return `it needs the input "${name}", which cannot be fetched`;
  return needsBuild ? "it can only be read after something was built (import from derivation)" : why;
}

function unpairedNames({ packages }: RawOutputs, system: string): string[] {
  const names = packages[system] ?? [];
  const halves = new Set(pairsIn(names).flatMap(({ rootfs, metadata }) => [rootfs, metadata]));
  return names.filter((name) => !halves.has(name));
}

function missingOf({ missing }: Reading): MissingInput[] {
  return [...missing.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function unreadOf({ unread, system }: Reading): Unread[] {
  return [...unread]
    .map(([part, why]) => ({ path: pathOf(part, system), why }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function pathOf(part: Part, system: string): string {
  const [kind = "", ...rest] = part.split("/");
  if (rest.length === 0) return kind;
  const inner = rest.join("/");
  if (kind === "hosts") return attributePath(["nixosConfigurations", inner]);
  if (kind === "package") return attributePath(["packages", system, inner]);
  return `${kind}.${attributePath([inner])}`;
}

function unreadable(reading: Reading, failure: Failure): NixError {
  const inputs = missingOf(reading);
  if (failure.input === undefined && failure.unlocked === undefined)
    return new NixError(`Cannot read the flake's outputs: ${failure.why}`, {
      hint: "`nix flake show` should work first; then repeat the command",
      details: { phase: "eval", inputs },
    });
  const width = Math.max(...inputs.map(({ name }) => name.length));
  const rows = inputs.map(({ name, url, why }) => `  ${name.padEnd(width)}  ${url}\n  ${" ".repeat(width)}  ${why}`);
  return new NixError(
    `Cannot read the flake's outputs: all of them need ${inputs.length === 1 ? "an input" : "inputs"} that cannot be fetched\n${rows.join("\n")}`,
    { hint: inputs[0]?.hint, details: { phase: "fetch", inputs } },
  );
}
