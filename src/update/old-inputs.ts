/** Inputs that have not moved for long. Pure. */
import type { FlakeLock, LockedInput } from "./flake-lock.ts";
import { isNixpkgs } from "./second-nixpkgs.ts";

export interface OldInput {
  readonly input: string;
  /** Of what is locked. */
  readonly days: number;
  /** From how many days on it is told. */
  readonly limitDays: number;
  /** `pinned`: flake.nix asks for this very commit. `still`: it was asked for now, and there is nothing newer where it is from. */
  readonly why: "pinned" | "still" | "not updated";
  /** The release branch it is on, when that gets no corrections any more, and since when (`2021-05`). */
  readonly ended?: { readonly release: string; readonly since: string };
}

/**
 * Security corrections reach a supported release of nixpkgs within days, so a month without them is a month of holes that are known; it is
 * also what nixpkgs' own checkers warn at.
 */
const nixpkgsDays = 30;
/** Anything else may be finished. Half a year is one release of NixOS, and by then it was hardly tried with the nixpkgs of today. */
const otherDays = 180;
/** A release is supported for seven months: until one after the next. */
const supportedMonths = 7;

/** The project's own inputs that are old at `now` (milliseconds since the epoch). `asked`: those that were brought up to date just now. */
export function oldInputs(lock: FlakeLock, asked: ReadonlySet<string>, now: number): OldInput[] {
  return lock.own.flatMap((input) => {
    const limitDays = isNixpkgs(input) ? nixpkgsDays : otherDays;
    const days = ageInDays(input, now);
    const ended = endOfRelease(input, now);
    if ((days === undefined || days <= limitDays) && ended === undefined) return [];
    return [{ input: input.path, days: days ?? 0, limitDays, why: whyOld(input, asked), ...(ended && { ended }) }];
  });
}

// --- internal ---

/** A folder's time is when somebody touched it, and floe's own snapshot has none. */
function ageInDays({ type, lastModified }: LockedInput, now: number): number | undefined {
  if (type === "path" || lastModified === undefined || lastModified <= 1) return undefined;
  return Math.floor((now / 1000 - lastModified) / 86_400);
}

function whyOld({ path, asked: words }: LockedInput, asked: ReadonlySet<string>): OldInput["why"] {
  if (words["rev"] !== undefined || words["narHash"] !== undefined) return "pinned";
  return asked.has(path) ? "still" : "not updated";
}

/** `nixos-25.05` and the like in what flake.nix asks for. */
function endOfRelease(input: LockedInput, now: number): OldInput["ended"] {
  if (!isNixpkgs(input)) return undefined;
  const words = `${input.asked["ref"] ?? ""} ${input.asked["url"] ?? ""}`;
  const [, release, year, month] = /\b(?:nixos|nixpkgs|release)-((\d\d)\.(\d\d))\b/.exec(words) ?? [];
  if (release === undefined) return undefined;
  // Month 0 is January; the end is the last day of the seventh month after the release.
  const end = new Date(Date.UTC(2000 + Number(year), Number(month) - 1 + supportedMonths + 1, 1));
  if (end.getTime() > now) return undefined;
  return { release, since: end.toISOString().slice(0, 7) };
}
