/** The seed of cloud-init's NoCloud: files that a new root file system holds before its first start. Pure. */
import type { CloudInit } from "../model/fleet.ts";
import { canonicalJson, digest } from "./digest.ts";

/** Where cloud-init looks for them, whatever the distribution. */
export const seedFolder = "/var/lib/cloud/seed/nocloud";

/**
 * The config key that holds the hash of the files: another seed counts for a new root only, like the config keys of a seed. It is no
 * label of floe's, because a change of it has to be planned.
 */
export const seedHashKey = "user.nocloud";

/** Path to content. */
export type SeedFiles = Readonly<Record<string, string>>;

/** Undefined where nothing is to be written: no seed, or one that comes another way. NoCloud wants `meta-data` in any case. */
export function seedFiles(
  { channel, folder, userData, vendorData, networkConfig }: CloudInit,
  name: string,
): SeedFiles | undefined {
  if (channel !== "nocloud" || folder !== undefined) return undefined;
  const files = {
    "meta-data": `${JSON.stringify({ "instance-id": name, "local-hostname": name })}\n`,
    // A seed without user-data is not taken for one.
    "user-data": userData ?? "#cloud-config\n{}\n",
    "vendor-data": vendorData,
    "network-config": networkConfig,
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([file, text]) => (text === undefined ? [] : [[`${seedFolder}/${file}`, text]])),
  );
}

export function seedHash(files: SeedFiles): string {
  return digest(canonicalJson(files)).slice(0, 16);
}
