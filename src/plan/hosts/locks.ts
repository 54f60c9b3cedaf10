/** Which inputs differ between two flake.lock files. Pure. */
import { inputsOf, readLockGraph, resolve } from "../../nix/lock-graph.ts";
import { isRecord } from "../../util/files.ts";

/** @returns `nixpkgs 4a1f2c0 → 9c0e771 (3 days newer)` and the like, by name; undefined when one of the texts is no flake.lock */
export function compareLocks(before: string, after: string): string[] | undefined {
  const [old, fresh] = [readLock(before), readLock(after)];
  if (old === undefined || fresh === undefined) return undefined;
  const names = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return names.flatMap((name) => {
    const [was, is] = [old.get(name), fresh.get(name)];
    if (was === undefined) return [`${name} is new`];
    if (is === undefined) return [`${name} is gone`];
    return was.id === is.id ? [] : [`${name} ${was.label} → ${is.label}${ageDifference(was.modified, is.modified)}`];
  });
}

// --- internal ---

interface LockedInput {
  /** Equal for equal sources. */
  readonly id: string;
  readonly label: string;
  /** Seconds since the epoch. */
  readonly modified: number | undefined;
}

/** The inputs of the project, by name; those that follow another as what they follow. */
function readLock(text: string): Map<string, LockedInput> | undefined {
  const graph = readLockGraph(text);
  if (graph === undefined) return undefined;
  return new Map(
    Object.keys(inputsOf(graph, graph.root)).flatMap((name) => {
      const node = graph.nodes[resolve(graph, [name]) ?? ""];
      const locked = isRecord(node) ? node["locked"] : undefined;
      return isRecord(locked) ? [[name, toInput(locked)] as const] : [];
    }),
  );
}

function toInput(locked: Readonly<Record<string, unknown>>): LockedInput {
  const text = (key: string): string => (typeof locked[key] === "string" ? locked[key] : "");
  const modified = locked["lastModified"];
  return {
    id: text("narHash") || text("rev") || JSON.stringify(locked),
    label:
      text("rev").slice(0, 7) ||
      text("narHash")
        .replace(/^sha256-/, "")
        .slice(0, 7),
    modified: typeof modified === "number" ? modified : undefined,
  };
}

function ageDifference(before: number | undefined, after: number | undefined): string {
  if (before === undefined || after === undefined) return "";
  const seconds = after - before;
  if (Math.abs(seconds) < 60) return "";
  const [count, unit] = [86_400, 3600, 60]
    .map((size, index) => [Math.round(Math.abs(seconds) / size), ["day", "hour", "minute"][index]] as const)
    .find(([count]) => count >= 1) ?? [0, ""];
  return ` (${count} ${unit}${count === 1 ? "" : "s"} ${seconds > 0 ? "newer" : "older"})`;
}
