// @ts-check
/** Debian's xz with its libraries, for the builds of the hand-made way: a program that needs nothing else in the store. */
import fs from "node:fs";
import path from "node:path";
import { findProgram, outputOf } from "../../scripts/setup/programs.mjs";
import { SetupError } from "../../scripts/setup/say.mjs";

/**
 * Fills a folder with `xz`, its loader as `ld.so`, and its libraries in `lib/`.
 * @param {string} folder
 */
export function copyXz(folder) {
  const xz = findProgram("xz");
  if (xz === undefined) throw new SetupError("The bench needs xz", "On Debian: apt-get install xz-utils");
  const lib = path.join(folder, "lib");
  fs.mkdirSync(lib, { recursive: true });
  fs.copyFileSync(xz, path.join(folder, "xz"));
  for (const library of (outputOf("ldd", [xz]) ?? "").match(/\/\S+/g) ?? []) {
    const name = path.basename(library);
    fs.copyFileSync(library, name.startsWith("ld-linux") ? path.join(folder, "ld.so") : path.join(lib, name));
  }
  for (const program of ["xz", "ld.so"]) fs.chmodSync(path.join(folder, program), 0o755);
}
