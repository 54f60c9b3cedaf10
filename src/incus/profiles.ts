/** Profiles: config and devices that several instances share. A change of one counts for every instance at once. */
import { type Api, type ApiRequest, segment } from "./api.ts";
import type { IncusClient, IncusProfile } from "./types.ts";

type ProfileCalls = Pick<
  IncusClient,
  "listProfiles" | "getProfile" | "createProfile" | "updateProfile" | "deleteProfile"
>;

export function profileCalls(api: Api): ProfileCalls {
  return {
    async listProfiles(project, { signal } = {}) {
      const { value } = await api.call<IncusProfile[] | null>({
        what: "list the profiles",
        path: "/1.0/profiles",
        query: { project, recursion: "1" },
        signal,
      });
      return (value ?? []).map(whole);
    },
    async getProfile(project, name, { signal } = {}) {
      const found = await api.find<IncusProfile>({ ...on(project, name, "read"), signal });
      return found && { ...found, value: whole(found.value) };
    },
    async createProfile(project, profile, { signal } = {}) {
      const what = `create the profile "${profile.name}"`;
      await api.call({ what, method: "POST", path: "/1.0/profiles", query: { project }, json: profile, signal });
    },
    async updateProfile(project, name, body, { signal, etag } = {}) {
      await api.call({ ...on(project, name, "update"), method: "PUT", json: body, etag, signal });
    },
    deleteProfile: (project, name, { signal } = {}) =>
      api.remove({ ...on(project, name, "delete"), method: "DELETE", signal }),
  };
}

// --- internal ---

function on(project: string, name: string, verb: string): ApiRequest {
  return { what: `${verb} the profile "${name}"`, path: `/1.0/profiles/${segment(name)}`, query: { project } };
}

/** Lists that are empty come as null. */
function whole(profile: IncusProfile): IncusProfile {
  return { ...profile, used_by: profile.used_by ?? [] };
}
