import { readText } from "../../util/files.ts";

/** The host name that a system of this machine's store gives to its machine; undefined where it gives none, or is not here. */
export function hostNameOf(system: string | undefined): string | undefined {
  if (system === undefined) return undefined;
  return readText(`${system}/etc/hostname`)?.trim() || undefined;
}
