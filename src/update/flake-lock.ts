/** flake.lock as floe reads it: which inputs there are, where each is from, and which follow another. Pure. */
import { inputsOf, type LockGraph, readLockGraph, resolve } from "../nix/lock-graph.ts";
import { isRecord } from "../util/files.ts";

/** An input that Nix has locked. */
export interface LockedInput {
  /** From the project on: `nixpkgs`, or `home-manager/nixpkgs` for an input of an input. */
  readonly path: string;
  /** The key of its node in the file; inputs that follow one another have the same. */
  readonly node: string;
  /** `github`, `git`, `tarball`, `path`, ... */
  readonly type: string;
  /** The commit; absent for what has none, as a tarball or a folder. */
  readonly rev?: string;
  readonly narHash?: string;
  /** Seconds since the epoch; absent where Nix does not know it. */
  readonly lastModified?: number;
  /** How many commits lead to it, as Nix counted for git inputs. */
  readonly revCount?: number;
  /** `owner`, `repo`, `host`, `url`, `ref`: as the lock has them. */
  readonly source: Readonly<Record<string, string>>;
  /** What flake.nix asks for: the same words before it was resolved. */
  readonly asked: Readonly<Record<string, string>>;
}

export interface FlakeLock {
  /** Those of the project itself, by name; without those that follow another. */
  readonly own: readonly LockedInput[];
  /** The project's inputs that follow another: its name, and what it follows. */
  readonly follows: ReadonlyMap<string, string>;
  /** All that are reached from the project, each node once, by its shortest path. */
  readonly all: readonly LockedInput[];
  /** The node that an input of the project, or of one of its inputs, leads to: also where it follows another. */
  readonly find: (path: string) => LockedInput | undefined;
}

/** Undefined when the text is no flake.lock. */
export function readFlakeLock(text: string): FlakeLock | undefined {
  const graph = readLockGraph(text);
  if (graph === undefined) return undefined;
  const all = reachable(graph);
  const byNode = new Map(all.map((input) => [input.node, input]));
  const direct = Object.entries(inputsOf(graph, graph.root));
  return {
    own: direct
      .flatMap(([name, reference]) => (typeof reference === "string" ? (toInput(graph, name, reference) ?? []) : []))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    follows: new Map(
      direct.flatMap(([name, reference]) => (Array.isArray(reference) ? [[name, reference.join("/")]] : [])),
    ),
    all,
    find: (path) => byNode.get(resolve(graph, path.split("/")) ?? ""),
  };
}

/** Whether two inputs are the same source. */
export function isSameSource(a: LockedInput, b: LockedInput): boolean {
  if (a.narHash !== undefined && b.narHash !== undefined) return a.narHash === b.narHash && a.rev === b.rev;
  return a.rev === b.rev && JSON.stringify(a.source) === JSON.stringify(b.source);
}

/** The first 7 digits of the commit, else of the content's hash. */
export function shortRevision({ rev, narHash }: Pick<LockedInput, "rev" | "narHash">): string {
  return (rev ?? narHash?.replace(/^sha256-/, "") ?? "").slice(0, 7);
}

// --- internal ---

/** Breadth first, so that each node has the shortest of its paths. */
function reachable(graph: LockGraph): LockedInput[] {
  const found = new Map<string, LockedInput>();
  const queue: { readonly key: string; readonly path: string }[] = [{ key: graph.root, path: "" }];
  for (const { key, path } of queue) {
    for (const [name, reference] of Object.entries(inputsOf(graph, key))) {
      if (typeof reference !== "string" || found.has(reference)) continue;
      const input = toInput(graph, path === "" ? name : `${path}/${name}`, reference);
      if (input === undefined) continue;
      found.set(reference, input);
      queue.push({ key: reference, path: input.path });
    }
  }
  return [...found.values()];
}

function toInput({ nodes }: LockGraph, path: string, key: string): LockedInput | undefined {
  const node = nodes[key];
  const locked = isRecord(node) ? node["locked"] : undefined;
  if (!isRecord(node) || !isRecord(locked)) return undefined;
  const source = texts(locked);
  const { type = "", rev, narHash } = source;
  const [lastModified, revCount] = [locked["lastModified"], locked["revCount"]];
  return {
    path,
    node: key,
    type,
    source,
    asked: isRecord(node["original"]) ? texts(node["original"]) : {},
    ...(rev === undefined ? {} : { rev }),
    ...(narHash === undefined ? {} : { narHash }),
    ...(typeof lastModified === "number" ? { lastModified } : {}),
    ...(typeof revCount === "number" ? { revCount } : {}),
  };
}

function texts(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
  );
}
