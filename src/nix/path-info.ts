import { NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { isRecord } from "../util/files.ts";
import { nixArgv } from "./args.ts";
import type { NixTool } from "./find.ts";

/** A valid store path. Sizes are bytes; `closureSize` is there when it was asked for. */
export interface PathInfo {
  readonly path: string;
  readonly narSize: number;
  readonly closureSize?: number;
}

/**
 * What the store knows about paths. Paths that are not valid are missing in the answer: a path that merely exists on disk may be half
 * written. Nothing is fetched.
 * @throws NixError when the store cannot be asked.
 */
export async function pathInfo(
  nix: NixTool,
  paths: readonly string[],
  options: {
    readonly closureSize?: boolean;
    /** All that the paths need as well; then a path that is not valid is an error. */
    readonly recursive?: boolean;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<ReadonlyMap<string, PathInfo>> {
  if (paths.length === 0) return new Map();
  const extent = [...(options.closureSize ? ["--closure-size"] : []), ...(options.recursive ? ["--recursive"] : [])];
  const flags = ["path-info", "--json", "--offline", ...extent];
  const argv: [string, ...string[]] = [...nixArgv(nix, { online: true }), ...flags, ...paths];
  const result = await run(argv, { plainLocale: true, signal: options.signal });
  if (result.exitCode === 0) return decodePathInfo(JSON.parse(result.stdout));
  throw new NixError(`Cannot ask the Nix store about ${paths.length} paths: ${result.stderr.trim()}`, {
    details: { phase: "path-info", argv, exitCode: result.exitCode },
  });
}

/**
 * Reads the three shapes of `nix path-info --json`: a list (before 2.19), a map by path, and a map by base name under `info` (JSON format
 * 2). The shape decides, not the version.
 */
export function decodePathInfo(json: unknown): ReadonlyMap<string, PathInfo> {
  const found = new Map<string, PathInfo>();
  for (const [path, info] of entriesOf(json)) {
    if (!isRecord(info) || info["valid"] === false || typeof info["narSize"] !== "number") continue;
    const closureSize = info["closureSize"];
    found.set(path, { path, narSize: info["narSize"], ...(typeof closureSize === "number" ? { closureSize } : {}) });
  }
  return found;
}

// --- internal ---

function entriesOf(json: unknown): [string, unknown][] {
  if (Array.isArray(json)) return json.filter(isRecord).map((info) => [String(info["path"]), info]);
  if (!isRecord(json)) return [];
  if (!isRecord(json["info"])) return Object.entries(json);
  const store = typeof json["storeDir"] === "string" ? json["storeDir"] : "/nix/store";
  return Object.entries(json["info"]).map(([path, info]) => [path.startsWith("/") ? path : `${store}/${path}`, info]);
}
