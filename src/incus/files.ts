/** Files inside an instance, and the logs that Incus keeps of it. */
import { type Api, type ApiRequest, segment } from "./api.ts";
import type { IncusClient } from "./types.ts";

type FileCalls = Pick<IncusClient, "getFile" | "putFile" | "getConsoleLog" | "getLogFile">;

export function fileCalls(api: Api): FileCalls {
  return {
    async getFile(project, name, path, { signal } = {}) {
      const answer = await api.findRaw({ ...at(project, name, "files", `read "${path}" in`, { path }), signal });
      return answer?.bytes;
    },
    async putFile(project, name, path, content, { signal, uid = 0, gid = 0, mode = "0644" } = {}) {
      const headers = {
        "Content-Type": "application/octet-stream",
        "X-Incus-type": "file",
        "X-Incus-write": "overwrite",
        "X-Incus-uid": String(uid),
        "X-Incus-gid": String(gid),
        "X-Incus-mode": mode,
      };
      await api.call({
        ...at(project, name, "files", `write "${path}" in`, { path }),
        method: "POST",
        bytes: content,
        headers,
        signal,
      });
    },
    async getConsoleLog(project, name, { signal } = {}) {
      const answer = await api.findRaw({ ...at(project, name, "console", "read the console of"), signal });
      return answer?.bytes.toString("utf8") ?? "";
    },
    async getLogFile(project, name, file, { signal } = {}) {
      const answer = await api.findRaw({
        ...at(project, name, `logs/${segment(file)}`, `read the log "${file}" of`),
        signal,
      });
      return answer?.bytes.toString("utf8");
    },
  };
}

// --- internal ---

function at(project: string, name: string, rest: string, verb: string, query: Record<string, string> = {}): ApiRequest {
  return {
    what: `${verb} the instance "${name}"`,
    path: `/1.0/instances/${segment(name)}/${rest}`,
    query: { project, ...query },
  };
}
