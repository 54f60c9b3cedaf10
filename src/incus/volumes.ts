/** Custom volumes: data that outlives the instances it is attached to. There is no delete, on purpose. */
import { type Api, segment } from "./api.ts";
import type { IncusClient, IncusVolume } from "./types.ts";

type VolumeCalls = Pick<IncusClient, "listVolumes" | "listAllVolumes" | "getVolume" | "createVolume">;

export function volumeCalls(api: Api): VolumeCalls {
  return {
    async listVolumes(project, pool, { signal } = {}) {
      const query = { project, recursion: "1" };
      const { value } = await api.call<IncusVolume[] | null>({
        what: `list the volumes of the pool "${pool}"`,
        path: volumesPath(pool),
        query,
        signal,
      });
      return (value ?? []).map(whole);
    },
    async listAllVolumes(pool, { signal } = {}) {
      const { value } = await api.call<IncusVolume[] | null>({
        what: `list the volumes of the pool "${pool}"`,
        path: volumesPath(pool),
        query: { "all-projects": "true", recursion: "1" },
        signal,
      });
      return (value ?? []).map(whole);
    },
    async getVolume(project, pool, name, { signal } = {}) {
      const path = `${volumesPath(pool)}/${segment(name)}`;
      const found = await api.find<IncusVolume>({
        what: `read the volume "${name}"`,
        path,
        query: { project },
        signal,
      });
      return found && { ...found, value: whole(found.value) };
    },
    async createVolume(project, pool, volume, { signal } = {}) {
      const json = { ...volume, type: "custom", content_type: "filesystem" };
      await api.call({
        what: `create the volume "${volume.name}" in the pool "${pool}"`,
        method: "POST",
        path: volumesPath(pool),
        query: { project },
        json,
        signal,
      });
    },
  };
}

// --- internal ---

const volumesPath = (pool: string) => `/1.0/storage-pools/${segment(pool)}/volumes/custom`;

/** Lists that are empty come as null. */
function whole(volume: IncusVolume): IncusVolume {
  return { ...volume, used_by: volume.used_by ?? [] };
}
