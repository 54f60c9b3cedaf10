/** Copies closures from this machine's store into another machine's: always by `nix copy`, which sends as one stream what is missing. */
import { CancelledError, ConnectionError, FloeError, NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { followCopy } from "./copy-progress.ts";
import { type CopySize, measureCopy } from "./copy-size.ts";
import { type CopyStore, openCopyStore } from "./copy-store.ts";
import type { Root } from "./elevation.ts";
import type { CopyOptions, Machine } from "./machine.ts";
import type { SshTransport } from "./ssh.ts";
import type { Transport } from "./transport.ts";

export interface CopyWay {
  readonly machine: Machine;
  readonly transport: Transport;
  /** There when the machine is reached over ssh. */
  readonly ssh: SshTransport | undefined;
  readonly root: (signal: AbortSignal | undefined) => Promise<Root>;
  readonly nix: string;
  readonly env: NodeJS.ProcessEnv;
}

/** @throws NixError, ConnectionError, CancelledError, FloeError when only root may and the user cannot become root */
export async function copyClosures(way: CopyWay, paths: readonly string[], options: CopyOptions): Promise<void> {
  if (paths.length === 0 || way.machine.target.kind === "local") return;
  if (options.substitute) await fetchThere(way, paths, options);
  const store = await openCopyStore(way, options.signal);
  const measuring = options.onProgress && startMeasuring(way, paths, options);
  try {
    await copyTo(way, store, paths, options, measuring);
    const { total } = (await measuring?.end()) ?? { total: 0 };
    if (total > 0) options.onProgress?.({ done: total, total });
  } finally {
    await store.close();
  }
}

// --- internal ---

/** Nobody knows how long a download takes. */
const FETCH_MS = 24 * 3_600_000;

/** What no cache has is left out; what fails is sent afterwards. */
const FETCH = "set -f; nix-store --realise --ignore-unknown --keep-going $(cat) >/dev/null 2>&1; exit 0";

/**
 * Lets the machine fetch what its own caches have. Asked for by a command there, since `nix copy --substitute-on-destination` may bring this
 * machine's settings along, and with them other caches.
 */
async function fetchThere(way: CopyWay, paths: readonly string[], options: CopyOptions): Promise<void> {
  const { missing } = await measureCopy(way, paths, options);
  if (missing.length === 0) return;
  const input = missing.join("\n");
  await way.machine.script(FETCH, [], { input, signal: options.signal, timeoutMs: FETCH_MS });
}

/** How much there is to copy, found out while it is copied already: nobody waits for a number. */
interface Measuring {
  readonly known: () => CopySize | undefined;
  /** Undefined when it cannot be told. */
  end(): Promise<CopySize | undefined>;
}

function startMeasuring(way: CopyWay, paths: readonly string[], options: CopyOptions): Measuring {
  let size: CopySize | undefined;
  const found = measureCopy(way, paths, options).then(
    (answer) => {
      size = answer;
      return answer;
    },
    () => undefined,
  );
  return { known: () => size, end: () => found };
}

async function copyTo(
  way: CopyWay,
  store: CopyStore,
  paths: readonly string[],
  options: CopyOptions,
  measuring: Measuring | undefined,
): Promise<void> {
  const { signal, derivations, onProgress } = options;
  const log = followCopy(
    (path) => measuring?.known()?.sizeOf(path) ?? 0,
    (done) => {
      const total = measuring?.known()?.total ?? 0;
      if (total > 0) onProgress?.({ done: Math.min(done, total), total });
    },
  );
  const argv: [string, ...string[]] = [
    way.nix,
    ...["--extra-experimental-features", "nix-command", "--log-format", "internal-json", "copy", "--no-check-sigs"],
    ...(derivations ? ["--derivation"] : []),
    ...["--to", store.url, ...paths],
  ];
  const result = await run(argv, { env: store.env, plainLocale: true, signal, onStderrLine: log.onLine });
  if (signal?.aborted) throw new CancelledError(`Cancelled while a closure was copied to ${way.machine.where}`);
  if (result.exitCode === 0) return;
  const words = [log.errors(), store.said()].filter((text) => text !== "").join("\n");
  const progress = { done: log.done(), total: measuring?.known()?.total };
  throw await copyFailure(way.machine.where, words, progress, () => store.lost(signal));
}

/** A full disk is told first: it may end the connection too. */
async function copyFailure(
  where: string,
  words: string,
  { done, total }: { readonly done: number; readonly total: number | undefined },
  findLoss: () => Promise<unknown>,
): Promise<unknown> {
  const details = { phase: "copy", where, words, done, total };
  if (/No space left on device|disk is full|Disk quota exceeded/i.test(words)) {
    const amount = total === undefined ? "" : ` (${megabytes(total)} were to be sent)`;
    return new NixError(`Cannot copy to ${where}: its disk is full${amount}`, {
      hint: "Free some space there (nix-collect-garbage), then run this again: what has arrived stays",
      details,
    });
  }
  const lost = await findLoss();
  if (lost instanceof ConnectionError)
    return new ConnectionError(
      `The connection to ${where} ended after ${megabytes(done)}${total === undefined ? "" : ` of ${megabytes(total)}`} were copied`,
      { hint: "Run this again: what has arrived stays there", cause: lost, details },
    );
  if (lost instanceof FloeError) return lost;
  return new NixError(`Cannot copy to ${where}: ${words}`, { hint: hintFor(words), details });
}

function hintFor(words: string): string | undefined {
  if (/signature|trusted/i.test(words))
    return "Reach the machine as root, or name its user in trusted-users of its nix.conf";
  if (/unexpected end-of-file|disconnected|Broken pipe/i.test(words))
    return "The nix there was ended: look for a lack of memory (journalctl -k), then run this again: what has arrived stays";
  return undefined;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
