// @ts-check
/** This checkout and how it is built. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runShown } from "./programs.mjs";

/** The repository's folder. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
/** The bundled command. */
export const FLOE = path.join(ROOT, "dist/bin.mjs");

/** Builds dist/ when it is older than the sources. */
export function ensureBuild() {
  runShown(process.execPath, [path.join(ROOT, "scripts/build.mjs")], { cwd: ROOT });
}
