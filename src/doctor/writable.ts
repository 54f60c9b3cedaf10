import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";

/** Whether the user that runs floe may write there; of what does not exist yet, whether it could be made. */
export function isWritable(path: string): boolean {
  try {
    accessSync(nearestExisting(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path, or the folder above it that is there. */
export function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
