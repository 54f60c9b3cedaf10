/** Which generations of which profiles are let go. Pure. */

/** What is kept by one of the two is kept. */
export interface GcPolicy {
  /** The newest generations of each profile; at least 1. */
  readonly keep: number;
  /** Generations that are younger than so many days. */
  readonly keepDays: number;
}

export interface ProfileGeneration {
  readonly number: number;
  /** Store path. */
  readonly path: string;
  /** When its link was made, by the machine's clock; milliseconds since the epoch. */
  readonly at: number;
}

/** A profile of Nix: that of the machine, of a user, or of a user's home. */
export interface Profile {
  /** The link that leads to the current generation: `/nix/var/nix/profiles/system`. */
  readonly profile: string;
  /** `system` also for those of `nixos-rebuild --profile-name`. */
  readonly kind: "system" | "home" | "user";
  /** Whose the link is. */
  readonly owner: string;
  /** The generation that it points to. */
  readonly current: number | undefined;
  readonly generations: readonly ProfileGeneration[];
}

export interface Profiles {
  /** Milliseconds since the epoch, by the machine's clock. */
  readonly now: number;
  /** Store paths. */
  readonly running: string | undefined;
  readonly booted: string | undefined;
  /** Generations of the system that the boot loader is told to start, next time or always. */
  readonly bootEntries: readonly number[];
  readonly profiles: readonly Profile[];
}

/** Why a generation is kept. */
export type KeepReason = "running" | "booted" | "boots" | "current" | "newest" | "young";

export interface SortedProfile extends Profile {
  readonly kept: readonly (ProfileGeneration & { readonly reasons: readonly KeepReason[] })[];
  readonly dropped: readonly ProfileGeneration[];
}

/** Every profile with what becomes of its generations. */
export function sortProfiles(observed: Profiles, policy: GcPolicy): SortedProfile[] {
  return observed.profiles.map((profile) => {
    const judged = profile.generations.map((one) => ({ ...one, reasons: reasonsFor(one, profile, observed, policy) }));
    return {
      ...profile,
      kept: judged.filter(({ reasons }) => reasons.length > 0),
      dropped: judged.filter(({ reasons }) => reasons.length === 0).map(({ reasons: _, ...one }) => one),
    };
  });
}

// --- internal ---

const dayMs = 86_400_000;

function reasonsFor(
  { number, path, at }: ProfileGeneration,
  { kind, current, generations }: Profile,
  { now, running, booted, bootEntries }: Profiles,
  { keep, keepDays }: GcPolicy,
): KeepReason[] {
  const newest = generations
    .map((one) => one.number)
    .sort((a, b) => b - a)
    .slice(0, Math.max(1, keep));
  const isSystem = kind === "system";
  const holds: readonly (readonly [KeepReason, boolean])[] = [
    ["running", isSystem && path === running],
    ["booted", isSystem && path === booted],
    ["boots", isSystem && (number === current || bootEntries.includes(number))],
    ["current", !isSystem && number === current],
    // Where nothing is current, something is wrong: then nothing is known to be superfluous.
    ["current", current === undefined],
    ["newest", newest.includes(number)],
    ["young", now - at < keepDays * dayMs],
  ];
  return [...new Set(holds.flatMap(([reason, isTrue]) => (isTrue ? [reason] : [])))];
}
