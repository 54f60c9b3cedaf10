/** "floe" where the editor and tsc look for it, before `npm install` has put it there. */
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageRoot } from "../util/package-root.ts";

/** Makes `node_modules/floe` of a project a link to this floe; true when it did. `npm install` puts the real one there. */
export function linkFloe(folder: string): boolean {
  const link = join(folder, "node_modules", "floe");
  if (canResolve(folder) || existsSync(link)) return false;
  try {
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(packageRoot(), link);
    return true;
  } catch {
    // Only a help for the editor.
    return false;
  }
}

// --- internal ---

function canResolve(folder: string): boolean {
  try {
    createRequire(join(folder, "package.json")).resolve("floe/package.json");
    return true;
  } catch {
    return false;
  }
}
