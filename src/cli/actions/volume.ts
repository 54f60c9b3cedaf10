import { readVolumes } from "../../list/read-volumes.ts";
import { load } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderVolumes } from "../render/volumes.ts";

export interface VolumeFlags extends GlobalFlags {
  readonly all: boolean;
  readonly orphans: boolean;
}

export async function volumeList(this: Cli, flags: VolumeFlags): Promise<void> {
  const found = await withProgress(this, flags, async ({ emit }) => {
    const fleet = await load(openProject(this, flags), { emit, signal: this.signal });
    return readVolumes(fleet, this.signal);
  });
  const volumes = found.volumes.filter(({ state }) =>
    flags.orphans ? state === "orphan" || state === "unused" : flags.all || state !== "foreign",
  );
  const list = { ...found, volumes };
  writeResult(this, flags, "volume-list", list, (options) => renderVolumes(list, options));
}
