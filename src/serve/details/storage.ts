/** Images, volumes and pools of all servers, and which images nothing needs any more. */

import { readImages } from "../../list/read-images.ts";
import { readPools, volumeKey } from "../../list/read-pools.ts";
import { readVolumes } from "../../list/read-volumes.ts";
import { defined } from "../../util/defined.ts";
import type { Serve } from "../context.ts";
import type { Storage } from "../protocol.ts";

/** @throws CancelledError */
export async function readStorage(serve: Serve, signal: AbortSignal): Promise<Storage> {
  const fleet = serve.fleet();
  const [{ images, problems }, { volumes }, { pools, usage }] = await Promise.all([
    readImages(fleet, { signal }),
    readVolumes(fleet, signal),
    readPools(fleet, signal),
  ]);
  const prunable = images.filter(({ keptFor }) => keptFor === null);
  return {
    images: images.map(({ server, project, fingerprint, container, bytes, importedAt, keptFor }) => ({
      server,
      project,
      fingerprint,
      container,
      bytes,
      importedAt,
      usedBy: keptFor === null ? [] : [keptFor],
      isPrunable: keptFor === null,
    })),
    volumes: volumes.map(({ server, project, pool, name, usedBy, ...volume }) => ({
      server,
      project,
      pool,
      name,
      usedBy,
      state: volume.state,
      ...defined({ usedBytes: usage.get(volumeKey({ server, project, pool, name })) }),
    })),
    pools,
    prunableBytes: prunable.reduce((sum, { bytes }) => sum + bytes, 0),
    problems,
  };
}
