/** Which of what was done can be taken back. */
import type { FleetState, HistoryEntry } from "../../src/serve/protocol.ts";

export interface RollbackTarget {
  readonly kind: "instances" | "hosts";
  readonly name: string;
}

/** Images, volumes and profiles have no way back of their own. */
export function rollbackTarget(subject: string): RollbackTarget | undefined {
  const host = /^host:(.+)$/.exec(subject)?.[1];
  if (host !== undefined) return { kind: "hosts", name: host };
  const name = /^[^/]+\/[^/]+\/([^/:]+)$/.exec(subject)?.[1];
  return name === undefined ? undefined : { kind: "instances", name };
}

/** An instance goes back where its predecessor is kept, a host to the generation before. */
export function hasWayBack(subject: string, fleet: Pick<FleetState, "hosts" | "instances"> | undefined): boolean {
  const target = rollbackTarget(subject);
  if (target?.kind === "hosts") {
    const host = fleet?.hosts.find(({ name }) => name === target.name);
    return host?.state === "reachable" && (host.generation ?? 0) > 1;
  }
  const instance = fleet?.instances.find((one) => `${one.server}/${one.project}/${one.name}` === subject);
  return instance?.hasPrevious === true;
}

/** By the id of an entry, what it was the last to replace: a way back from an older one would lead past what came after it. Newest first. */
export function waysBack(
  history: readonly HistoryEntry[],
  fleet: Pick<FleetState, "hosts" | "instances"> | undefined,
): ReadonlyMap<string, readonly RollbackTarget[]> {
  const replacedLater = new Set<string>();
  return new Map(
    history.map(({ id, verb, changes }) => {
      const replaced = replacing.has(verb) ? changes.filter(({ outcome }) => outcome === "done") : [];
      const last = replaced.filter(({ subject }) => !replacedLater.has(subject));
      for (const { subject } of replaced) replacedLater.add(subject);
      const targets = last.filter(({ subject }) => hasWayBack(subject, fleet));
      return [id, targets.flatMap(({ subject }) => rollbackTarget(subject) ?? [])];
    }),
  );
}

// --- internal ---

/** Verbs after which something else runs. */
const replacing: ReadonlySet<string> = new Set(["apply", "switch", "boot", "rollback"]);
