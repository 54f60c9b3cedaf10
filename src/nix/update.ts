/** Newer revisions of inputs: flake.lock brought up to date by nix, in the stage, and taken back if it is not to be kept. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../exec/run.ts";
import type { Emit } from "../report/events.ts";
import { withFileLock } from "../util/file-lock.ts";
import { isRecord, writeFileWhole } from "../util/files.ts";
import { nixArgv } from "./args.ts";
import type { NixTool } from "./find.ts";
import { keepLock, lockFailure } from "./lock.ts";
import { readNixLog } from "./log-reader.ts";
import { checkNetwork } from "./network.ts";
import { forgetStage, sayWaiting, stageProject } from "./stage.ts";
import { flakeInStage } from "./staged-flake.ts";

/** What an input is locked at. */
export interface LockedRevision {
  /** A commit, or the hash of what has none. */
  readonly rev: string;
  /** Seconds since the epoch; absent where nix does not know it. */
  readonly lastModified?: number;
}

export interface InputUpdate {
  readonly input: string;
  /** Absent: it was not locked before. */
  readonly before?: LockedRevision;
  readonly after: LockedRevision;
}

export interface Updated {
  /** Those that changed, indirect inputs among them. */
  readonly updates: readonly InputUpdate[];
  /** Puts the lock back as it was, if it still is what this update made of it. */
  restore(): void;
}

export interface UpdateOptions {
  readonly nix: NixTool;
  /** The project's folder; its flake is written already. */
  readonly root: string;
  readonly cacheDir: string;
  /** By name; each is an input of flake.nix. None: what is not locked yet. */
  readonly inputs: readonly string[];
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** @throws NixError when an input cannot be fetched: then the lock is as it was. CancelledError */
export async function updateInputs(options: UpdateOptions): Promise<Updated> {
  const { root, cacheDir, signal, emit } = options;
  const file = join(root, "flake.lock");
  const before = readText(file);
  await withFileLock(join(cacheDir, "evaluate.lock"), { signal, onWait: sayWaiting(emit) }, () => update(options));
  const after = readText(file);
  return {
    updates: differences(before, after),
    restore() {
      if (readText(file) !== after || after === before) return;
      if (before === undefined) rmSync(file);
      else writeFileWhole(file, before);
    },
  };
}

// --- internal ---

async function update({ nix, root, inputs, emit, signal }: UpdateOptions): Promise<void> {
  const stage = await stageProject({ root, emit, signal });
  const network = await checkNetwork(nix);
  const log = readNixLog(withoutLockNews(emit));
  forgetStage(root);
  const context = { nix, network, stage: stage.path, emit, signal };
  // A relative input such as `path:../lib` is beside the flake's folder.
  const { url, cwd } = await flakeInStage(context);
  const words =
    nix.features.updateByName && inputs.length > 0
      ? ["flake", "update", "--flake", url, ...inputs]
      : ["flake", "lock", url, ...inputs.flatMap((input) => ["--update-input", input])];
  const argv: [string, ...string[]] = [
    ...nixArgv(nix, network),
    ...["--log-format", "internal-json", "--show-trace", "--option", "tarball-ttl", "0"],
    ...words,
  ];
  const result = await run(argv, { cwd, signal, plainLocale: true, onStderrLine: log.onLine });
  if (result.exitCode !== 0) throw lockFailure(context, log, { argv, exitCode: result.exitCode });
  keepLock(stage.path, root);
}

/** What nix says of the lock is told from the two locks, in the same words for every release. */
function withoutLockNews(emit: Emit): Emit {
  return (event) => {
    if (event.type !== "message" || !/\b(?:updating|creating|not writing modified) lock file\b/.test(event.text))
      emit(event);
  };
}

function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function differences(before: string | undefined, after: string | undefined): InputUpdate[] {
  const old = lockedRevisions(before);
  return [...lockedRevisions(after)].flatMap(([input, revision]) => {
    const known = old.get(input);
    if (known?.rev === revision.rev) return [];
    return [{ input, ...(known === undefined ? {} : { before: known }), after: revision }];
  });
}

/** Of every node of a lock file, by its name there. */
function lockedRevisions(text: string | undefined): ReadonlyMap<string, LockedRevision> {
  const lock: unknown = text === undefined ? {} : JSON.parse(text);
  const nodes = isRecord(lock) && isRecord(lock["nodes"]) ? lock["nodes"] : {};
  return new Map(
    Object.entries(nodes).flatMap(([name, node]) => {
      const locked = isRecord(node) && isRecord(node["locked"]) ? node["locked"] : undefined;
      const rev = locked?.["rev"] ?? locked?.["narHash"];
      if (locked === undefined || typeof rev !== "string") return [];
      const { lastModified } = locked;
      return [[name, { rev, ...(typeof lastModified === "number" ? { lastModified } : {}) }] as const];
    }),
  );
}
