/**
 * A rebuild is not one step to Incus: it deletes the root disk and unpacks another. From before until the new one is
 * proved the instance carries which two images are meant, so that whoever comes next can make a root disk again.
 */
import type { StringMap } from "../incus/types.ts";
import { label } from "./labels.ts";

export interface Rebuilding {
  /** Fingerprint of the image that ran; absent when the root disk was lost before. */
  readonly from?: string;
  readonly to: string;
}

export function readRebuilding(config: StringMap): Rebuilding | undefined {
  const text = config[label.rebuilding];
  if (text === undefined) return undefined;
  try {
    return { to: "", ...(JSON.parse(text) as Partial<Rebuilding>) };
  } catch {
    return { to: "" };
  }
}

/** Every image that an instance runs, may go back to, or may have to be made again from. */
export function imagesNeeded(config: StringMap): string[] {
  const { from, to } = readRebuilding(config) ?? {};
  return [config["volatile.base_image"], config[label.previousImage], from, to].filter(
    (fingerprint): fingerprint is string => fingerprint !== undefined && fingerprint !== "",
  );
}

/** Takes the mark off: the root disk is whole. */
export function withoutRebuilding(config: StringMap): StringMap {
  const { [label.rebuilding]: _, ...others } = config;
  return others;
}
