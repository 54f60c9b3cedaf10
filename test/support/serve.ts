/** `floe serve` of the built command, and requests as a browser, a stranger or an attacker sends them. */
import { type ChildProcess, spawn } from "node:child_process";
import http from "node:http";
import path from "node:path";
import { WebSocket } from "ws";
import type { FleetState, Job, JobDetails, Session } from "../../src/serve/protocol.ts";

const BIN = path.resolve(import.meta.dirname, "../../dist/bin.mjs");

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Serving {
  readonly url: string;
  readonly link: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** What it said on stderr. */
  said(): string;
  /** Sends the path as it is written, with nothing added but what is given. */
  send(path: string, sent?: Sent): Promise<Answer>;
  /** Ends it as Ctrl-C does; answers the exit code. */
  stop(): Promise<number | null>;
}

export async function startServing(
  cwd: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Serving> {
  const port = args.includes("--port") ? [] : ["--port", "0"];
  const child = spawn(process.execPath, [BIN, "serve", "--json", ...port, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: "1", FLOE_OFFLINE: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const line = await Promise.race([firstLine(child), ended.then(() => undefined)]);
  if (line === undefined) throw new Error(`floe serve ended: ${stderr}`);
  const told = JSON.parse(line) as { url: string; link: string; port: number };
  return {
    ...{ url: told.url, link: told.link, port: told.port, child },
    said: () => stderr,
    send: (target, sent) => send(told.port, target, sent),
    stop() {
      child.kill("SIGINT");
      return ended;
    },
  };
}

/** A browser that came in with a link. */
export interface Browser {
  readonly session: Session;
  /** What it sends with a change. */
  readonly headers: Readonly<Record<string, string>>;
  get<T>(path: string): Promise<T>;
  post(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }>;
  /** The job that a POST began. @throws Error when it was refused */
  begin(path: string, body?: unknown): Promise<Job>;
  /** Waits until it is over. */
  ended(job: Job): Promise<JobDetails>;
  fleetWhen(isIt: (fleet: FleetState) => boolean, what: string): Promise<FleetState>;
  /** The stream of events, until `close`. */
  listen(lastEventId?: string): Promise<Listening>;
}

export interface Listening {
  readonly events: readonly { readonly type: string; readonly id: string | undefined; readonly data: unknown }[];
  close(): void;
}

export async function logIn(serving: Pick<Serving, "link" | "url" | "send">): Promise<Browser> {
  const { link, url, send: sendTo } = serving;
  const base = new URL(url);
  const answer = await sendTo(link.slice(base.origin.length), { headers: { Host: base.host } });
  const cookie = String(answer.headers["set-cookie"]).split(";")[0] ?? "";
  const at = (target: string): string => `${base.pathname}${target}`;
  const headers = { Host: base.host, Cookie: cookie, Origin: base.origin };
  const get = async <T>(target: string): Promise<T> => {
    const { status, text } = await sendTo(at(target), { headers });
    if (status !== 200) throw new Error(`${target}: ${status} ${text}`);
    return JSON.parse(text) as T;
  };
  const session = await get<Session>("api/session");
  const changing = { ...headers, "X-Floe-Csrf": session.csrf, "Content-Type": "application/json" };
  const browser: Browser = {
    session,
    headers: changing,
    get,
    async post(target, body = {}) {
      const sent = { method: "POST", headers: changing, body: JSON.stringify(body) };
      const { status, text } = await sendTo(at(target), sent);
      return { status, body: text === "" ? undefined : (JSON.parse(text) as unknown) };
    },
    async begin(target, body) {
      const answered = await browser.post(target, body);
      if (answered.status !== 200) throw new Error(`${target}: ${answered.status} ${JSON.stringify(answered.body)}`);
      return answered.body as Job;
    },
    async ended({ id }) {
      return until(`the end of job ${id}`, async () => {
        const job = await get<JobDetails>(`api/jobs/${id}`);
        return job.state === "running" ? undefined : job;
      });
    },
    fleetWhen: (isIt, what) =>
      until(what, async () => {
        const fleet = await get<FleetState>("api/fleet");
        return isIt(fleet) ? fleet : undefined;
      }),
    listen: (lastEventId) => listen(base, cookie, lastEventId),
  };
  return browser;
}

/** The HTTP status of a WebSocket that was refused, or 101. */
export function tryWebSocket(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"), { headers });
    socket.on("unexpected-response", (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on("open", () => {
      resolve(101);
      socket.terminate();
    });
    socket.on("error", reject);
  });
}

// --- internal ---

function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    stdout?.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      if (text.includes("\n")) resolve(text.split("\n", 1)[0] ?? "");
    });
  });
}

function send(port: number, target: string, { method = "GET", headers = {}, body }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const given = { Host: `127.0.0.1:${port}`, ...headers };
    const request = http.request({ host: "127.0.0.1", port, method, path: target, headers: given, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more: string) => {
        text += more;
      });
      response.on("close", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.end(body);
  });
}

function listen({ host, port, pathname }: URL, cookie: string, lastEventId?: string): Promise<Listening> {
  const events: { type: string; id: string | undefined; data: unknown }[] = [];
  const headers = {
    Host: host,
    Cookie: cookie,
    ...(lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId }),
  };
  return new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, path: `${pathname}api/events`, headers, agent: false });
    request.on("error", reject);
    request.on("response", (response) => {
      let waiting = "";
      response.setEncoding("utf8").on("data", (more: string) => {
        waiting += more;
        for (let end = waiting.indexOf("\n\n"); end >= 0; end = waiting.indexOf("\n\n")) {
          const [message, rest] = [waiting.slice(0, end), waiting.slice(end + 2)];
          waiting = rest;
          const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, "m").exec(message)?.[1];
          const type = field("event");
          if (type !== undefined) events.push({ type, id: field("id"), data: JSON.parse(field("data") ?? "null") });
        }
      });
      response.on("error", () => {});
      resolve({ events, close: () => request.destroy() });
    });
    request.end();
  });
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const begun = Date.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() - begun > 60_000) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
