/** What is looked at together, in the order in which it is told. */
export const areas = [
  "floe",
  "nix",
  "incus",
  "programs",
  "disk",
  "project",
  "git",
  "tools",
  "hosts",
  "shells",
  "nightly",
  "serve",
] as const;

export type Area = (typeof areas)[number];

/** One thing `floe doctor` looked at. */
export interface Finding {
  readonly area: Area;
  /** A stable word: `version`, `store`, `build-users`, `socket`, ... */
  readonly name: string;
  /** `fail`: floe cannot do its work. `warn`: it can, but not everything or not well. `info`: good to know. */
  readonly status: "ok" | "info" | "warn" | "fail";
  readonly message: string;
  /** The command or the sentence that mends it. */
  readonly mend?: string;
}

/** `finding("nix", "version")("ok", "nix 2.34")`. */
export function finding(
  area: Finding["area"],
  name: string,
): (status: Finding["status"], message: string, mend?: string) => Finding {
  return (status, message, mend) => ({ area, name, status, message, ...(mend === undefined ? {} : { mend }) });
}
