import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { NixError } from "../errors.ts";

/**
 * The file to upload in an image's output. NixOS puts a squashfs at the output itself or as the only file in it, and tarballs under
 * `tarball/`, beside `nix-support/`.
 * @throws NixError when there is not exactly one.
 */
export function imageFile(outPath: string): string {
  const files = filesIn(outPath);
  const [file] = files;
  if (file !== undefined && files.length === 1) return file;
  throw new NixError(`Cannot tell which file of "${outPath}" is the image: it has ${files.length} files`, {
    details: { phase: "build", outPath, files },
  });
}

// --- internal ---

function filesIn(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .filter((name) => name !== "nix-support")
    .flatMap((name) => filesIn(join(path, name)));
}
