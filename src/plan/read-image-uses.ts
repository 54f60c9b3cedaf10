import type { IncusClient } from "../incus/types.ts";
import type { Fleet } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { type ImageUse, imageUses } from "./image-uses.ts";
import { listWholeInstances } from "./list-instances.ts";

export interface ImageQuestion {
  readonly fleet: Fleet;
  readonly client: IncusClient;
  /** The newest of each container that stay; absent: as many as its instances keep. */
  readonly keep?: number;
  readonly signal: AbortSignal;
}

/** Every image of the server, in every project that the client may see; two requests. */
export async function readImageUses({ fleet, client, keep, signal }: ImageQuestion): Promise<ImageUse[]> {
  const [images, instances] = await Promise.all([client.listAllImages({ signal }), listWholeInstances(client, signal)]);
  return imageUses({ fleet, server: client.server.name, images, instances, ...defined({ keep }) });
}
