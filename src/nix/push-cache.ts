/** Binary caches that get what was built: signed where the fleet says with which key. */
import { CancelledError, NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { PushCache } from "../model/fleet.ts";
import type { Emit } from "../report/events.ts";
import { nixArgv } from "./args.ts";
import type { NixTool } from "./find.ts";
import { readNixLog } from "./log-reader.ts";

export interface PushOptions {
  readonly nix: NixTool;
  /** Valid in this machine's store; their whole closures are copied, without what the cache has already. */
  readonly paths: readonly string[];
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** Copies to each cache; answers what failed, for a cache that is down is no reason to stop. @throws CancelledError */
export async function pushToCaches(caches: readonly PushCache[], options: PushOptions): Promise<NixError[]> {
  const failures: NixError[] = [];
  if (options.paths.length === 0) return failures;
  for (const cache of caches) {
    const failure = await pushToCache(cache, options);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

// --- internal ---

async function pushToCache(cache: PushCache, options: PushOptions): Promise<NixError | undefined> {
  const { emit } = options;
  const step = { subject: `cache:${cache.url}`, step: "push" };
  const begin = performance.now();
  emit({ type: "step.start", ...step });
  const failure =
    (isMachine(cache) && cache.key !== undefined ? await sign(cache.key, options) : undefined) ??
    (await copy(cache, options));
  const ms = Math.round(performance.now() - begin);
  const why = failure === undefined ? {} : { error: failure.message };
  emit({ type: "step.end", ...step, ok: failure === undefined, ms, ...why });
  return failure;
}

/** A store of files is signed while it is written; one behind a daemon takes over the signatures that this store has. */
function isMachine({ url }: PushCache): boolean {
  return /^ssh(-ng)?:/.test(url);
}

function storeUrl(cache: PushCache): string {
  if (cache.key === undefined || isMachine(cache)) return cache.url;
  return `${cache.url}${cache.url.includes("?") ? "&" : "?"}secret-key=${cache.key}`;
}

function copy(cache: PushCache, { paths, ...options }: PushOptions): Promise<NixError | undefined> {
  const argv = ["copy", "--to", storeUrl(cache), ...(isMachine(cache) ? ["--no-check-sigs"] : []), ...paths];
  return attempt(argv, `Cannot copy to the cache "${cache.url}"`, options);
}

function sign(key: string, { paths, ...options }: PushOptions): Promise<NixError | undefined> {
  const argv = ["store", "sign", "--key-file", key, "--recursive", ...paths];
  return attempt(argv, `Cannot sign with the key "${key}"`, options);
}

async function attempt(
  words: readonly string[],
  what: string,
  { nix, emit, signal }: Omit<PushOptions, "paths">,
): Promise<NixError | undefined> {
  const log = readNixLog(emit);
  const argv: [string, ...string[]] = [
    ...nixArgv(nix, { online: true }),
    ...["--log-format", "internal-json"],
    ...words,
  ];
  const { exitCode } = await run(argv, { signal, plainLocale: true, onStderrLine: log.onLine });
  if (signal?.aborted) throw new CancelledError("Cancelled while a binary cache was written to");
  if (exitCode === 0) return undefined;
  const said = (log.errors.map(({ text }) => text).join("\n") || log.text()).trim();
  return new NixError(`${what}: ${said}`, {
    hint: "What was built stays in this machine's store; the next build tries again",
    details: { phase: "push", exitCode, stderr: said },
  });
}
