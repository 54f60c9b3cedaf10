/** The server itself, and what it holds besides instances, images and volumes. */
import { IncusError } from "../errors.ts";
import type { Api } from "./api.ts";
import { hasStatus, wordsOf } from "./failure.ts";
import type { Cancellable, IncusClient, IncusProfile, IncusServerInfo } from "./types.ts";

type ServerCalls = Pick<IncusClient, "info" | "lastInfo" | "listPools" | "listProjects" | "request">;

export function serverCalls(api: Api): ServerCalls {
  let last: IncusServerInfo | undefined;
  return {
    async info({ signal } = {}) {
      last = (await api.call<IncusServerInfo>({ what: "ask Incus about itself", path: "/1.0", signal })).value;
      return last;
    },
    lastInfo: () => last,
    async listPools({ signal, named = [] } = {}) {
      try {
        const { value } = await api.call<string[] | null>({
          what: "list the storage pools",
          path: "/1.0/storage-pools",
          signal,
        });
        return namesOf(value);
      } catch (error) {
        if (!isRestricted(error)) throw error;
        return poolsByName(api, named, { signal });
      }
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

/** Incus answers 403 or 500 with the same words: https://linuxcontainers.org/incus/docs/main/explanation/projects/#confined-projects */
function isRestricted(error: unknown): boolean {
  return error instanceof IncusError && wordsOf(error) === "Certificate is restricted";
}

/** What a restricted client may not list, it may look up by name. */
async function poolsByName(api: Api, named: readonly string[], { signal }: Cancellable): Promise<string[]> {
  const { value: projects } = await api.call<string[] | null>({
    what: "list the projects",
    path: "/1.0/projects",
    signal,
  });
  const profiles = await Promise.all(
    namesOf(projects).map((project) =>
      api.call<IncusProfile[] | null>({
        what: "list the profiles",
        path: "/1.0/profiles",
        query: { project, recursion: "1" },
        signal,
      }),
    ),
  );
  const used = profiles
    .flatMap(({ value }) => value ?? [])
    .flatMap(({ devices }) => Object.values(devices))
    .flatMap((device) => (device["pool"] === undefined ? [] : [device["pool"]]));
  const found = await Promise.all(
    [...new Set([...used, ...named])].map(async (pool) => {
      const path = `/1.0/storage-pools/${encodeURIComponent(pool)}`;
      const isThere = await api.call({ what: `look up the storage pool "${pool}"`, path, signal }).then(
        () => true,
        (error) => {
          if (hasStatus(error, 404)) return false;
          throw error;
        },
      );
      return isThere ? [pool] : [];
    }),
  );
  return found.flat();
}

/** Lists without recursion are paths, and null when they are empty. */
function namesOf(paths: readonly string[] | null): string[] {
  return (paths ?? []).map((path) => decodeURIComponent(path.slice(path.lastIndexOf("/") + 1).replace(/\?.*$/, "")));
}
