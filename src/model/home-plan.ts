/** The plan for homes of home-manager: plain data that says what a switch would change for each user, and why. */
import type { PackageChange } from "./host-plan.ts";
import type { Problem } from "./plan.ts";

export interface HomeChange {
  readonly kind: "home";
  /** `home:NAME`. */
  readonly address: string;
  readonly name: string;
  /** Where it is, for people. */
  readonly where: string;
  readonly action: "update" | "none";
  /** The store path of the generation that is to be. */
  readonly generation: string;
  /** That of the one that is; absent: the first one. */
  readonly current?: string;
  /** The number of that one. */
  readonly number?: number;
  /** Absent for the first one, and where nothing changes. */
  readonly packages?: readonly PackageChange[];
  /** Bytes of NARs. */
  readonly closure?: { readonly before: number; readonly after: number };
  /** What a person should know before saying yes. */
  readonly notes: readonly string[];
}

export interface HomePlan {
  readonly version: 1;
  readonly fleet: string;
  readonly changes: readonly HomeChange[];
  /** Subject `home NAME`. */
  readonly problems: readonly Problem[];
}
