/** Snapshots of instances: the root file system with config and devices, without the volumes that are attached. */
import { type Api, type ApiRequest, segment } from "./api.ts";
import type { IncusClient, IncusSnapshot } from "./types.ts";

type SnapshotCalls = Pick<IncusClient, "listSnapshots" | "createSnapshot" | "deleteSnapshot" | "restoreSnapshot">;

export function snapshotCalls(api: Api): SnapshotCalls {
  return {
    async listSnapshots(project, name, { signal } = {}) {
      const request = { what: `list the snapshots of the instance "${name}"`, path: snapshotsPath(name) };
      const query = { project, recursion: "1" };
      return (await api.call<IncusSnapshot[] | null>({ ...request, query, signal })).value ?? [];
    },
    async createSnapshot(project, name, snapshot, { signal } = {}) {
      const what = `make the snapshot "${snapshot}" of the instance "${name}"`;
      const json = { name: snapshot, stateful: false };
      await api.call({ what, method: "POST", path: snapshotsPath(name), query: { project }, json, signal });
    },
    deleteSnapshot: (project, name, snapshot, { signal } = {}) =>
      api.remove({ ...on(project, name, snapshot), method: "DELETE", signal }),
    async restoreSnapshot(project, name, snapshot, { signal } = {}) {
      const what = `bring the instance "${name}" back to its snapshot "${snapshot}"`;
      const path = `/1.0/instances/${segment(name)}`;
      await api.call({ what, method: "PUT", path, query: { project }, json: { restore: snapshot }, signal });
    },
  };
}

// --- internal ---

const snapshotsPath = (name: string) => `/1.0/instances/${segment(name)}/snapshots`;

function on(project: string, name: string, snapshot: string): ApiRequest {
  return {
    what: `delete the snapshot "${snapshot}" of the instance "${name}"`,
    path: `${snapshotsPath(name)}/${segment(snapshot)}`,
    query: { project },
  };
}
