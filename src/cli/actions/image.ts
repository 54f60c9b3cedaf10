import { FloeError } from "../../errors.ts";
import { type ListedImage, readImages } from "../../list/read-images.ts";
import type { Fleet } from "../../model/fleet.ts";
import { acquireLock, load, openConnections, type PrunedImage, pruneImages } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderError } from "../render/error.ts";
import { renderImages, renderPruned, renderPruning } from "../render/images.ts";

export interface ImageFlags extends GlobalFlags {
  readonly keep?: number;
}

export async function imageList(this: Cli, flags: ImageFlags & { readonly all: boolean }): Promise<void> {
  const found = await withProgress(this, flags, async ({ emit }) => {
    const fleet = await load(openProject(this, flags), { emit, signal: this.signal });
    return readImages(fleet, { signal: this.signal, ...defined({ keep: flags.keep }) });
  });
  const images = found.images.filter((image) => flags.all || image.fleet === found.fleet);
  const list = { ...found, images };
  writeResult(this, flags, "image-list", list, (options) => renderImages(list, { ...options, now: Date.now() }));
}

/** A dry run unless it is told to go on: nobody asks a question that the words before it have answered. */
export async function imagePrune(this: Cli, flags: ImageFlags): Promise<void> {
  const project = openProject(this, flags);
  const { fleet, found } = await withProgress(this, flags, async ({ emit }) => {
    const loaded = await load(project, { emit, signal: this.signal });
    return {
      fleet: loaded,
      found: await readImages(loaded, { signal: this.signal, ...defined({ keep: flags.keep }) }),
    };
  });
  const superfluous = found.images.filter(({ keptFor }) => keptFor === null);
  const bytes = sizeOf(superfluous);
  if (!flags.yes || superfluous.length === 0) {
    const result = { deleted: false, images: superfluous, bytes, problems: found.problems };
    writeResult(this, flags, "image-prune", result, (options) =>
      renderPruning(superfluous, found.problems, { ...options, now: Date.now() }),
    );
  } else {
    const lock = acquireLock(project.root, "image prune");
    try {
      const images = await prune(this, flags, fleet, { superfluous, lock });
      const gone = images.filter(({ outcome }) => outcome === "deleted");
      const result = { deleted: true, images, bytes: sizeOf(gone), problems: found.problems };
      writeResult(this, flags, "image-prune", result, (options) =>
        renderPruned(images, { ...options, now: Date.now() }),
      );
      report(this, flags, images);
    } finally {
      lock.release();
    }
  }
  if (found.problems.length > 0) this.exitCode = 1;
}

// --- internal ---

async function prune(
  cli: Cli,
  flags: ImageFlags,
  fleet: Fleet,
  {
    superfluous,
    lock,
  }: { readonly superfluous: readonly ListedImage[]; readonly lock: ReturnType<typeof acquireLock> },
): Promise<PrunedImage[]> {
  const connections = openConnections(fleet, cli.signal);
  try {
    return await withProgress(cli, flags, async ({ emit }) => {
      const request = {
        images: superfluous,
        clients: await connections.clients,
        lock,
        ...defined({ keep: flags.keep }),
      };
      return pruneImages(fleet, request, { emit, signal: cli.signal });
    });
  } finally {
    await connections.close();
  }
}

function report(cli: Cli, flags: GlobalFlags, images: readonly PrunedImage[]): void {
  const failed = images.filter(({ outcome }) => outcome === "failed");
  for (const { fingerprint, reason } of failed)
    cli.process.stderr.write(
      `${renderError(new FloeError(`Cannot delete the image ${fingerprint.slice(0, 12)}: ${reason ?? ""}`), textOptions(cli, flags, "stderr"))}\n`,
    );
  cli.exitCode = cli.signal.aborted ? 130 : failed.length > 0 ? 1 : 0;
}

function sizeOf(images: readonly { readonly bytes: number }[]): number {
  return images.reduce((sum, { bytes }) => sum + bytes, 0);
}
