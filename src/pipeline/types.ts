/** types: what the editor knows of options and packages. */
import type { Fleet } from "../model/fleet.ts";
import { takenOver } from "../model/taken-over.ts";
import type { FlakeFiles } from "../synth/synth.ts";
import type { GeneratedTypes } from "../types/generate-types.ts";
import { withCopy } from "./copy.ts";
import { nixOf } from "./nix-of.ts";
import { cacheDir, type Work } from "./work.ts";

/** How the types are brought up to date. */
export interface RefreshOptions {
  /** Read everything, also when nothing that declares options has changed. */
  readonly fresh?: boolean;
  /** Read this machine, and add what it has to what is known. */
  readonly only?: string | undefined;
  /** Flake files that are not on disk: a copy that has them is read. */
  readonly files?: FlakeFiles;
}

/**
 * types: brings `.floe/types` up to date, by which the editor and tsc know the options and packages there are. The flake files must be written, or
 * be given.
 * @throws NixError when no machine's options can be read, CancelledError
 */
export async function refreshTypes(
  fleet: Fleet,
  { files, ...how }: RefreshOptions,
  work: Work,
): Promise<GeneratedTypes> {
  const [{ generateTypes, recallTypes }, { subjectOf }] = await Promise.all([
    import("../types/generate-types.ts"),
    import("../types/subject.ts"),
  ]);
  const cache = cacheDir(fleet.root);
  const nix = await nixOf(fleet);
  const subject = { subject: subjectOf(fleet), taken: takenOver(fleet) };
  const options = { nix, root: fleet.root, cacheDir: cache, ...subject, ...how, ...work };
  if (files === undefined) return generateTypes(options);
  return (
    (await recallTypes(options)) ??
    withCopy(fleet, files, work, (flakeRoot) => generateTypes({ ...options, flakeRoot }))
  );
}
