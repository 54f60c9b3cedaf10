/** What a version of nix can do. floe asks for features by name and never compares versions elsewhere. */
export interface NixFeatures {
  /** A derivation's outputs are asked for as `DRV^*` (2.13); before that the bare path means them. */
  readonly outputsSuffix: boolean;
  /** `nix config show` (2.20); before that `nix show-config`. */
  readonly configShow: boolean;
  /** `nix flake update INPUT` (2.19); before that `nix flake lock --update-input INPUT`. */
  readonly updateByName: boolean;
  /** The `self` of a flake in a repository with changes says of which commit (2.17). */
  readonly dirtyRev: boolean;
}

/** The oldest nix that has everything floe needs. */
export const OLDEST_NIX = "2.8";

/** The version in what `nix --version` prints, for example `2.34.8`. Forks print their own name first, and sometimes their own version. */
export function parseNixVersion(output: string): string | undefined {
  return (output.split("\n")[0] ?? "").match(/\d+\.\d+(?:\.\d+)?/g)?.at(-1);
}

export function isTooOld(version: string): boolean {
  return !isAtLeast(version, OLDEST_NIX);
}

export function featuresOf(version: string): NixFeatures {
  return {
    outputsSuffix: isAtLeast(version, "2.13"),
    configShow: isAtLeast(version, "2.20"),
    updateByName: isAtLeast(version, "2.19"),
    dirtyRev: isAtLeast(version, "2.17"),
  };
}

function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
