/** Instances: what runs, and its life from creation to deletion. */
import { IncusError } from "../errors.ts";
import { type Api, type ApiRequest, segment } from "./api.ts";
import { wordsOf } from "./failure.ts";
import type { IncusClient, IncusInstance, IncusInstanceState } from "./types.ts";

type InstanceCalls = Pick<
  IncusClient,
  | "listInstances"
  | "listAllInstances"
  | "getInstance"
  | "getInstanceState"
  | "createInstance"
  | "updateInstance"
  | "patchInstance"
  | "renameInstance"
  | "deleteInstance"
  | "setInstanceState"
>;

/** How often a list is asked for that is not whole. */
const ATTEMPTS = 10;

/** A clean stop is given up after this long where the caller does not say. */
const STOP_TIMEOUT_MS = 30_000;

export function instanceCalls(api: Api): InstanceCalls {
  return {
    async listInstances(project, { signal } = {}) {
      const query = { project, recursion: "2" };
      const { value } = await api.call<IncusInstance[] | null>({
        what: "list the instances",
        path: "/1.0/instances",
        query,
        signal,
      });
      return value ?? [];
    },
    listAllInstances: ({ signal } = {}) =>
      untilWhole(async () => {
        const query = { "all-projects": "true", recursion: "2" };
        const { value } = await api.call<IncusInstance[] | null>({
          what: "list the instances of all projects",
          path: "/1.0/instances",
          query,
          signal,
        });
        return value ?? [];
      }),
    getInstance: (project, name, { signal } = {}) => api.find({ ...on(project, name, "read"), signal }),
    async getInstanceState(project, name, { signal } = {}) {
      try {
        const request = { ...on(project, name, "read the state of", "/state"), signal };
        return (await api.call<IncusInstanceState>(request)).value;
      } catch (error) {
        if (!isEnding(error)) throw error;
        const { value } = await api.call<IncusInstance>({ ...on(project, name, "read"), signal });
        return { status: value.status, status_code: value.status_code, pid: 0 };
      }
    },
    async createInstance(project, body, { signal, target } = {}) {
      await api.call({
        what: `create the instance "${body.name}"`,
        method: "POST",
        path: "/1.0/instances",
        query: { project, target },
        json: body,
        signal,
      });
    },
    async updateInstance(project, name, body, { signal, etag } = {}) {
      await api.call({ ...on(project, name, "update"), method: "PUT", json: body, etag, signal });
    },
    async patchInstance(project, name, body, { signal } = {}) {
      await api.call({ ...on(project, name, "update"), method: "PATCH", json: body, signal });
    },
    async renameInstance(project, name, newName, { signal } = {}) {
      const what = `rename the instance "${name}" to "${newName}"`;
      await api.call({ ...on(project, name, "rename"), what, method: "POST", json: { name: newName }, signal });
    },
    deleteInstance: (project, name, { signal } = {}) =>
      api.remove({ ...on(project, name, "delete"), method: "DELETE", signal }),
    async setInstanceState(project, name, action, { signal, force = false, timeoutMs = STOP_TIMEOUT_MS } = {}) {
      const json = { action, force, timeout: Math.max(1, Math.ceil(timeoutMs / 1000)) };
      try {
        await api.call({ ...on(project, name, action, "/state"), method: "PUT", json, signal });
      } catch (error) {
        if (!isAlreadySo(action, error)) throw error;
      }
    },
  };
}

// --- internal ---

/** One that changes while Incus lists it may come without its config: then it is asked again, and what still has none is left out. */
async function untilWhole(list: () => Promise<IncusInstance[]>): Promise<IncusInstance[]> {
  for (let attempt = 1; ; attempt += 1) {
    const instances = await list();
    const whole = instances.filter(({ config }) => (config as unknown) !== null);
    if (whole.length === instances.length || attempt === ATTEMPTS) return whole;
    await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
  }
}

function on(project: string, name: string, verb: string, rest = ""): ApiRequest {
  return { what: `${verb} the instance "${name}"`, path: `/1.0/instances/${segment(name)}${rest}`, query: { project } };
}

/** The state of a container whose first process is gone, but which has not quite stopped, is an error to Incus 6.0. */
function isEnding(error: unknown): boolean {
  return error instanceof IncusError && /Invalid PID/i.test(wordsOf(error));
}

function isAlreadySo(action: "start" | "stop" | "restart", error: unknown): boolean {
  if (!(error instanceof IncusError)) return false;
  const words = wordsOf(error);
  return (
    (action === "start" && /already running/i.test(words)) || (action === "stop" && /already stopped/i.test(words))
  );
}
