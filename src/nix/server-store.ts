/**
 * The Nix store of an Incus server's machine: this machine's, or one that `nix copy` reaches. Containers that share it run
 * systems of it, which have to be there and must not be collected.
 */
import { CancelledError, NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Emit } from "../report/events.ts";
import { quoteWord } from "../util/quote-word.ts";
import { nixArgv } from "./args.ts";
import type { NixTool } from "./find.ts";
import { readNixLog } from "./log-reader.ts";
import { pathInfo } from "./path-info.ts";
import { addRootScript, retainRootsScript } from "./root-scripts.ts";

export interface ServerStore {
  readonly nix: NixTool;
  /** As `nix copy --to` takes it: `ssh-ng://root@crown.lan`; undefined: this machine's. */
  readonly url: string | undefined;
}

export interface StoreWork {
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

export interface Delivery {
  /** Of the GC root: relative, its parts are file names. */
  readonly folder: string;
  readonly path: string;
  /** It was built a moment ago, and is valid in this machine's store. */
  readonly isHere: boolean;
}

/** Nobody waits for a connection longer than this. */
const connectMs = 60_000;

/**
 * Brings a closure to the server's store, unless it is there, and makes its GC root in `folder` of floe's roots there.
 * @throws NixError when it is in neither store, cannot be copied, or the root cannot be made
 */
export async function deliverPath(
  store: ServerStore,
  { folder, path, isHere }: Delivery,
  work: StoreWork,
): Promise<void> {
  const isThere = store.url === undefined && isHere;
  if (!isThere && !(await isValid(store, path, work))) await copyPath(store, path, work);
  await runThere(store, addRootScript, [folder, path], work, `make a GC root of "${path}"`);
  // It could have been collected between the copy and its root.
  if (store.url !== undefined && !(await isValid(store, path, work))) await copyPath(store, path, work);
}

/** Removes the GC roots in `folder` of all other paths; they may then be collected. @throws NixError */
export async function retainPaths(
  store: ServerStore,
  { folder, paths }: { readonly folder: string; readonly paths: readonly string[] },
  work: StoreWork,
): Promise<void> {
  const names = paths.map((path) => path.split("/").at(-1) ?? "");
  await runThere(store, retainRootsScript, [folder, ...names], work, "remove old GC roots");
}

/** The way of a remote store to a shell on its machine; undefined for a store that is no machine. */
export function sshArgv(url: string, env: NodeJS.ProcessEnv = process.env): [string, ...string[]] | undefined {
  const found = /^ssh(?:-ng)?:\/\/([^/?]+)(?:\?(.*))?$/.exec(url);
  const [, destination = "", query = ""] = found ?? [];
  if (found === null) return undefined;
  const key = new URLSearchParams(query).get("ssh-key");
  const [host = "", port] = /\]|:.*:/.test(destination) ? [destination] : destination.split(":");
  const options = (env["NIX_SSHOPTS"] ?? "").split(/\s+/).filter((option) => option !== "");
  return [
    "ssh",
    ...options,
    ...(key === null ? [] : ["-i", key]),
    ...(port === undefined ? [] : ["-p", port]),
    "-o",
    "BatchMode=yes",
    "--",
    host,
  ];
}

// --- internal ---

async function isValid({ nix, url }: ServerStore, path: string, { signal }: StoreWork): Promise<boolean> {
  if (url === undefined) return (await pathInfo(nix, [path], { signal })).has(path);
  const argv: [string, ...string[]] = [...nixArgv(nix, { online: true }), "path-info", "--store", url, path];
  const result = await run(argv, { plainLocale: true, signal, timeoutMs: connectMs });
  return result.exitCode === 0;
}

async function copyPath({ nix, url }: ServerStore, path: string, { emit, signal }: StoreWork): Promise<void> {
  if (url === undefined)
    throw new NixError(`"${path}" is not in this machine's store`, {
      hint: "It was collected: go to another generation, or apply the description again",
    });
  const log = readNixLog(emit);
  const flags = ["--log-format", "internal-json", "copy", "--no-check-sigs", "--to", url, path];
  const argv: [string, ...string[]] = [...nixArgv(nix, { online: true }), ...flags];
  const result = await run(argv, { signal, plainLocale: true, onStderrLine: log.onLine });
  if (signal?.aborted) throw new CancelledError("Cancelled while a system was copied");
  if (result.exitCode === 0) return;
  const said = log.errors.map(({ text }) => text).join("\n") || log.text();
  throw new NixError(`Cannot copy "${path}" to the store "${url}": ${said.trim()}`, {
    hint: `Look at the connection: nix store ping --store ${url}`,
    details: { phase: "copy", argv, exitCode: result.exitCode },
  });
}

/** Runs a script of POSIX shell on the machine of the store. */
async function runThere(
  { url }: ServerStore,
  script: string,
  args: readonly string[],
  { signal }: StoreWork,
  what: string,
): Promise<void> {
  const shell = url === undefined ? [] : sshArgv(url);
  if (shell === undefined)
    throw new NixError(`Cannot ${what}: the store "${url}" is not on a machine that ssh reaches`, {
      hint: 'Write it as "ssh-ng://root@crown.lan"',
    });
  const command = ["sh", "-c", script, "floe", ...args];
  const argv = [...shell, ...(url === undefined ? command : [command.map(quoteWord).join(" ")])] as [
    string,
    ...string[],
  ];
  const result = await run(argv, { signal, plainLocale: true, timeoutMs: connectMs });
  if (result.exitCode === 0) return;
  throw new NixError(`Cannot ${what}${url === undefined ? "" : ` on "${url}"`}: ${result.stderr.trim()}`, {
    details: { phase: "root", exitCode: result.exitCode },
  });
}
