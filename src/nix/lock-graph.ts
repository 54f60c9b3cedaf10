/** flake.lock as a graph: nodes by their keys, and where their inputs lead. Pure. */
import { isRecord } from "../util/files.ts";

export interface LockGraph {
  readonly nodes: Readonly<Record<string, unknown>>;
  /** The key of the project's own node. */
  readonly root: string;
}

/** Undefined when the text is no flake.lock. */
export function readLockGraph(text: string): LockGraph | undefined {
  let lock: unknown;
  try {
    lock = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(lock) || !isRecord(lock["nodes"]) || typeof lock["root"] !== "string") return undefined;
  return { nodes: lock["nodes"], root: lock["root"] };
}

/** The inputs of a node: references by name. */
export function inputsOf({ nodes }: LockGraph, key: string): Readonly<Record<string, unknown>> {
  const node = nodes[key];
  return isRecord(node) && isRecord(node["inputs"]) ? node["inputs"] : {};
}

/**
 * The key of the node that a path of inputs leads to, from the project on. A reference is the key of a node, or, for one that follows, a path of inputs
 * that begins at the root. A circle leads nowhere.
 */
export function resolve(graph: LockGraph, path: readonly string[], depth = 0): string | undefined {
  let at: string | undefined = graph.root;
  for (const step of path) {
    const reference: unknown = at === undefined ? undefined : inputsOf(graph, at)[step];
    if (Array.isArray(reference)) at = depth > 20 ? undefined : resolve(graph, reference.map(String), depth + 1);
    else at = typeof reference === "string" ? reference : undefined;
  }
  return at;
}
