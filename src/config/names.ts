/** The suffixes of the names an instance goes through while it is swapped; see `apply/`. */
const swapSuffixes = ["-next", "-outgoing", "-previous", "-failed"] as const;

/** A DNS label: hosts and containers are host names (RFC 1123). Containers are file and attribute names too, and so is this. */
export const labelRule = "be 1 to 63 letters, digits and hyphens that neither begin nor end with a hyphen";
export function isLabel(name: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name);
}

/** A user's name, alone or with that of a machine, as `home-manager switch` looks for it. */
export const homeNameRule = 'be the name of a user, or "USER@HOST"';
export function isHomeName(name: string): boolean {
  return /^[A-Za-z_][\w.-]{0,31}(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?)?$/.test(name);
}

/** A user as Unix knows it. */
export const userNameRule = "be the name of a user";
export function isUserName(name: string): boolean {
  return /^[A-Za-z_][\w.-]{0,31}$/.test(name);
}

/** Incus takes almost anything; these are the names that are files and need no quoting too. */
export const profileNameRule = "be 1 to 63 letters, digits and . _ - that begin with a letter or digit";
export function isProfileName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,62}$/.test(name);
}

export const shellNameRule = "be letters, digits and . _ - that begin with a letter";
export function isShellName(name: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(name);
}

/**
 * Incus allows 63 letters, digits and hyphens, not a digit or hyphen first and no hyphen last (its `ValidHostname`); floe
 * needs room for the longest suffix of a swap.
 */
export const instanceNameRule =
  "be 1 to 54 letters, digits and hyphens that begin with a letter and do not end with a hyphen";
export function isInstanceName(name: string): boolean {
  return name.length <= 54 && /^[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(name);
}

/** `web` for `web-previous`: the name whose swap would make this one. */
export function swapBase(name: string): string | undefined {
  const suffix = swapSuffixes.find((ending) => name.endsWith(ending));
  return suffix === undefined ? undefined : name.slice(0, -suffix.length);
}
