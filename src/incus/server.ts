/** The server itself, and what it holds besides instances, images and volumes. */
import type { Api } from "./api.ts";
import type { IncusClient, IncusProfile } from "./types.ts";

type ServerCalls = Pick<IncusClient, "info" | "listPools" | "listProfiles" | "listProjects" | "request">;

export function serverCalls(api: Api): ServerCalls {
  return {
    async info({ signal } = {}) {
      return (
        await api.call<Awaited<ReturnType<IncusClient["info"]>>>({
          what: "ask Incus about itself",
          path: "/1.0",
          signal,
        })
      ).value;
    },
    async listPools({ signal } = {}) {
      const { value } = await api.call<string[] | null>({
        what: "list the storage pools",
        path: "/1.0/storage-pools",
        signal,
      });
      return namesOf(value);
    },
    async listProfiles(project, { signal } = {}) {
      const query = { project, recursion: "1" };
      const { value } = await api.call<IncusProfile[] | null>({
        what: "list the profiles",
        path: "/1.0/profiles",
        query,
        signal,
      });
      return (value ?? []).map((profile) => ({ ...profile, used_by: profile.used_by ?? [] }));
    },
    async listProjects({ signal } = {}) {
      const { value } = await api.call<string[] | null>({ what: "list the projects", path: "/1.0/projects", signal });
      return namesOf(value);
    },
    request: (method, path, body, { signal, etag } = {}) =>
      api.call({ what: `${method} ${path}`, method, path, json: body, etag, signal }),
  };
}

// --- internal ---

/** Lists without recursion are paths, and null when they are empty. */
function namesOf(paths: readonly string[] | null): string[] {
  return (paths ?? []).map((path) => decodeURIComponent(path.slice(path.lastIndexOf("/") + 1).replace(/\?.*$/, "")));
}
