/** A browser without a page: it logs in by the link, keeps the cookie, and speaks HTTP, server-sent events and WebSockets. */

import { WebSocket } from "ws";
import { findProject } from "../../src/config/find.ts";
import type { Job, JobDetails, Session } from "../../src/serve/protocol.ts";
import { type Running, startServe } from "../../src/serve/serve.ts";

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export interface Browser {
  readonly url: string;
  get<T>(path: string): Promise<Answer<T>>;
  send<T>(method: string, path: string, body?: unknown): Promise<Answer<T>>;
  /** The job that the request began, when it is over. */
  job(path: string, body?: unknown, method?: string): Promise<JobDetails>;
  /** Events as they come, until `close`. */
  events(path: string): EventStream;
  socket(path: string): TestSocket;
}

export interface EventStream {
  readonly events: { readonly event: string; readonly data: unknown }[];
  /** Texts of the events `line`. */
  lines(): string[];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface TestSocket {
  readonly socket: WebSocket;
  /** All bytes so far. */
  output(): Buffer;
  readonly messages: unknown[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  type(text: string): void;
}

export interface Dashboard extends Browser {
  readonly running: Running;
}

/** A server in this process. */
export async function openDashboard(root: string, options: { readonly readOnly?: boolean } = {}): Promise<Dashboard> {
  const running = await startServe({
    project: findProject(root),
    words: { instances: () => "", hosts: () => "" },
    address: "127.0.0.1",
    port: 0,
    tls: undefined,
    allowedHosts: [],
    basePath: "/",
    readOnly: options.readOnly ?? false,
    proxyHeader: undefined,
    proxies: [],
    onLog: (text) => console.warn(text),
  });
  return { running, ...(await logIn(running.newLink())) };
}

/** By a link of `floe serve`. */
export async function logIn(link: string): Promise<Browser> {
  const url = new URL("/", link).href;
  const redirect = await fetch(link, { redirect: "manual" });
  const cookie = (redirect.headers.get("set-cookie") ?? "").split(";")[0] as string;
  const session = (await (await fetch(`${url}api/session`, { headers: { cookie } })).json()) as Session;
  const send = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        cookie,
        ...(method === "GET" ? {} : { "X-Floe-Csrf": session.csrf, Origin: new URL(url).origin }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as T };
  };
  return {
    url,
    send,
    get: (path) => send("GET", path),
    async job(path, body, method = "POST") {
      const begun = await send<Job>(method, path, body);
      if (begun.status !== 200) throw new Error(`${method} ${path}: ${begun.status} ${JSON.stringify(begun.body)}`);
      for (;;) {
        const { body: job } = await send<JobDetails>("GET", `api/jobs/${begun.body.id}`);
        if (job.state !== "running") return job;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    events: (path) => readEvents(`${url}${path}`, cookie),
    socket: (path) => openSocket(`${url.replace(/^http/, "ws")}${path}`, { cookie, origin: new URL(url).origin }),
  };
}

// --- internal ---

function readEvents(url: string, cookie: string): EventStream {
  const events: { event: string; data: unknown }[] = [];
  const abort = new AbortController();
  const read = async (): Promise<void> => {
    const response = await fetch(url, { headers: { cookie }, signal: abort.signal });
    if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    let open = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      const parts = (open + decoder.decode(chunk, { stream: true })).split("\n\n");
      open = parts.pop() ?? "";
      for (const part of parts) {
        const event = /^event: (.*)$/m.exec(part)?.[1];
        if (event !== undefined) events.push({ event, data: JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? "null") });
      }
    }
  };
  const ended = read().catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return {
    events,
    ended,
    lines: () => events.flatMap(({ event, data }) => (event === "line" ? [(data as { text: string }).text] : [])),
    close: () => abort.abort(),
  };
}

function openSocket(url: string, headers: { readonly cookie: string; readonly origin: string }): TestSocket {
  const socket = new WebSocket(url, { headers: { cookie: headers.cookie }, origin: headers.origin });
  const chunks: Buffer[] = [];
  const messages: unknown[] = [];
  socket.on("message", (data, isBinary) => {
    if (isBinary) chunks.push(data as Buffer);
    else messages.push(JSON.parse((data as Buffer).toString("utf8")));
  });
  const closed = new Promise<number>((resolve) => {
    socket.on("close", resolve);
    socket.on("error", () => {});
  });
  return {
    socket,
    messages,
    closed,
    output: () => {
      const all = Buffer.concat(chunks);
      chunks.splice(0, chunks.length, all);
      return all;
    },
    type: (text) => socket.send(Buffer.from(text)),
  };
}
