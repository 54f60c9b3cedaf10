/** Files inside an instance, and the logs that Incus keeps of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { CancelledError, IncusError } from "../errors.ts";
import { type Api, type ApiRequest, type RawAnswer, segment } from "./api.ts";
import { incusFailure, wordsOf } from "./failure.ts";
import type { IncusClient, InstanceEntry } from "./types.ts";

type FileCalls = Pick<
  IncusClient,
  "getFile" | "putFile" | "putLink" | "getEntry" | "makeFolder" | "getConsoleLog" | "getLogFile"
>;

/**
 * Incus serves the files of an instance through a process that ends when nobody has asked it for 15 s, and as it ends it
 * deletes its socket. One that is started at that moment loses its socket with it, waits for the next to end, and so on:
 * while somebody asks, nobody gets an answer. After this long without a question all of them have ended.
 */
const fileServerMs = 16_000;
const fileAttempts = 3;

export function fileCalls(direct: Api): FileCalls {
  const api = patient(direct);
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
      const place = { ...at(project, name, "files", `write "${path}" in`, { path }), signal };
      await api.call({ ...place, method: "POST", bytes: content, headers });
      await requireWhole(api, place, Buffer.byteLength(content));
    },
    async putLink(project, name, path, target, { signal } = {}) {
      const place = at(project, name, "files", `link "${path}" in`, { path });
      const before = await api.findRaw({ ...place, signal });
      if (before?.headers["x-incus-type"] === "symlink" && before.bytes.toString("utf8").trim() === target) return;
      // Incus makes links and deletes them; it cannot turn one into another.
      if (before !== undefined) await api.remove({ ...place, method: "DELETE", signal });
      const headers = { "Content-Type": "application/octet-stream", "X-Incus-type": "symlink" };
      await api.call({ ...place, method: "POST", bytes: target, headers, signal });
    },
    async getEntry(project, name, path, { signal } = {}) {
      const answer = await api.findRaw({ ...at(project, name, "files", `read "${path}" in`, { path }), signal });
      return answer === undefined ? undefined : entryOf(answer);
    },
    async makeFolder(project, name, path, { signal, mode = "0755" } = {}) {
      const headers = { "X-Incus-type": "directory", "X-Incus-uid": "0", "X-Incus-gid": "0", "X-Incus-mode": mode };
      await api.call({
        ...at(project, name, "files", `make the folder "${path}" in`, { path }),
        method: "POST",
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

/** Asks again where nobody was there to serve the files: then nothing has been done. */
function patient(api: Api): Api {
  return {
    ...api,
    call: (request) => whenServed(() => api.call(request), request),
    findRaw: (request) => whenServed(() => api.findRaw(request), request),
    remove: (request) => whenServed(() => api.remove(request), request),
  };
}

async function whenServed<T>(ask: () => Promise<T>, { what, signal }: ApiRequest): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const isUnserved = error instanceof IncusError && /forkfile\.sock: connect: /.test(wordsOf(error));
      if (!isUnserved || attempt === fileAttempts) throw error;
      await sleep(fileServerMs, undefined, { signal }).catch((cause: unknown) => {
        throw new CancelledError(`Cancelled: ${what}`, { cause });
      });
    }
  }
}

/** Incus 6.0 answers that all is well when the disk is full, and leaves a file that is too short or empty. */
async function requireWhole(api: Api, place: ApiRequest, length: number): Promise<void> {
  const { headers } = (await api.findRaw({ ...place, method: "HEAD" })) ?? {};
  if (headers === undefined || headers["x-incus-type"] !== "file" || headers["content-length"] === undefined) return;
  const there = Number(headers["content-length"]);
  if (there === length) return;
  const words = `${there} of ${length} bytes were written: no space left on device`;
  throw incusFailure({ what: place.what, method: "POST", path: place.path, status: 507, words });
}

function entryOf({ headers, bytes }: RawAnswer): InstanceEntry {
  const header = (name: string): string => String(headers[`x-incus-${name}`] ?? "");
  switch (header("type")) {
    case "directory": {
      const { metadata } = JSON.parse(bytes.toString("utf8")) as { readonly metadata?: readonly string[] | null };
      return { type: "directory", names: metadata ?? [] };
    }
    case "symlink":
      return { type: "symlink", target: bytes.toString("utf8").trim() };
    default:
      return {
        type: "file",
        content: bytes,
        uid: Number(header("uid")),
        gid: Number(header("gid")),
        mode: header("mode"),
      };
  }
}

function at(project: string, name: string, rest: string, verb: string, query: Record<string, string> = {}): ApiRequest {
  return {
    what: `${verb} the instance "${name}"`,
    path: `/1.0/instances/${segment(name)}/${rest}`,
    query: { project, ...query },
  };
}
