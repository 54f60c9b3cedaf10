/** The generations of an instance as people and other programs read them. Pure. */
import type { IncusInstance } from "../incus/types.ts";
import { readGenerations } from "./generations.ts";
import { label } from "./labels.ts";

export interface ListedGeneration {
  readonly number: number;
  /** Store path. */
  readonly system: string;
  /** ISO 8601. */
  readonly since: string;
  readonly isCurrent: boolean;
}

/** The newest first; empty for an instance that is not updated in place. */
export function listGenerations({
  config,
  created_at,
}: Pick<IncusInstance, "config" | "created_at">): ListedGeneration[] {
  const generations = readGenerations(config).map(({ number, system, at = created_at }) => ({
    number,
    system,
    since: at,
    isCurrent: system === config[label.system],
  }));
  return generations.reverse();
}
