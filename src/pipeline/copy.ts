/** A copy of the project, for what must not be written into it. */
import { join } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import { splitStage, stageProject } from "../nix/stage.ts";
import type { FlakeFiles } from "../synth/synth.ts";
import { withFileLock } from "../util/file-lock.ts";
import { cacheDir, type Work } from "./work.ts";

/** Does something with a copy of the project that has these flake files; undefined: those that are on disk. */
export async function withCopy<T>(
  fleet: Fleet,
  files: FlakeFiles | undefined,
  work: Work,
  use: (root: string) => Promise<T>,
): Promise<T> {
  const cache = cacheDir(fleet.root);
  const { cp, mkdir, mkdtemp, rm } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { writeFiles } = await import("../synth/write.ts");
  const copy = await mkdtemp(join(tmpdir(), `floe-check-${process.pid}-`));
  try {
    const root = await withFileLock(join(cache, "evaluate.lock"), work, async () => {
      const stage = await stageProject({ root: fleet.root, ...work });
      const { top, folder } = splitStage(stage.path);
      await cp(top, copy, { recursive: true, verbatimSymlinks: true });
      // What a flake reads beside it in its repository, it shall read here too.
      if (folder !== "") await mkdir(join(copy, ".git"));
      return join(copy, folder);
    });
    if (files !== undefined) writeFiles(root, files);
    return await use(root);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
