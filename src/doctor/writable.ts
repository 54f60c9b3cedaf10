import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Whether the user that runs floe may write there; of what does not exist yet, whether it could be made. */
export function isWritable(path: string): boolean {
  try {
    accessSync(nearestExisting(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a file can be written into the folder, which is made: a full disk refuses what its owner may do. */
export function canHold(folder: string): boolean {
  const probe = join(folder, `doctor.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, "floe doctor was here\n");
    return true;
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** The path, or the folder above it that is there. */
export function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
