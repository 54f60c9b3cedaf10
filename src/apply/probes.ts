/** One look at an instance's health. Undefined is well; a text says what is wrong. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import net from "node:net";
import { IncusError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { HealthCheck, HealthProbe } from "../model/fleet.ts";
import { linkedTo, pause } from "../util/pause.ts";
import { connectInside, getInside, type HttpAnswer } from "./probe-inside.ts";
import { judgeSystem, readSystem } from "./units.ts";

export interface ProbeTarget {
  readonly client: Pick<IncusClient, "exec" | "getInstance">;
  readonly project: string;
  /** As Incus knows it. */
  readonly name: string;
  /** Units of systemd that had failed before the change: they are not held against it. */
  readonly failedBefore?: readonly string[];
}

/** What is asked, and from where. */
export type Question = HealthProbe & Pick<HealthCheck, "from">;

/** Answers within `timeoutMs`, whatever the other side does, and soon after the signal aborts. */
export async function probe(
  target: ProbeTarget,
  check: Question,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const limit = linkedTo(signal);
  const timer = setTimeout(limit.abort, timeoutMs);
  try {
    // Once given up, a probe has a moment to say so in its own words.
    const late = pause(2 ** 31 - 1, limit.signal)
      .then(() => pause(lateMs))
      .then(() => `${wordsOf(check)} was not over within ${seconds(timeoutMs)}`);
    return await Promise.race([look(target, check, timeoutMs, limit.signal), late]);
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

// --- internal ---

const lateMs = 100;

function look(
  target: ProbeTarget,
  check: Question,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const isInside = check.from === "server";
  switch (check.kind) {
    case "http": {
      const ask = isInside ? getInside(target, check.url, timeoutMs, signal) : get(check.url, signal);
      return judgeHttp(check, ask, timeoutMs, signal);
    }
    case "tcp":
      return isInside ? probeTcpInside(target, check, timeoutMs, signal) : probeTcp(check, timeoutMs, signal);
    case "exec":
      return probeExec(target, check.command, timeoutMs, signal);
    case "systemd":
      return probeSystem(target, check.allowDegraded, timeoutMs, signal);
    case "ready":
      return probeReady(target);
  }
}

function wordsOf(check: Question): string {
  const where = check.from === "server" ? " inside" : "";
  switch (check.kind) {
    case "http":
      return `GET ${check.url}${where}`;
    case "tcp":
      return `Connection to ${check.address}:${check.port}${where}`;
    case "exec":
      return `Command "${check.command.join(" ")}"`;
    case "systemd":
      return "systemctl is-system-running";
    case "ready":
      return "The question for its state";
  }
}

/** No more of an answer is read than this. */
const bodyLimit = 1024 * 1024;

async function judgeHttp(
  check: Extract<Question, { kind: "http" }>,
  asked: Promise<HttpAnswer>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { status, body } = check;
  const answer = await asked.catch((error: Error) => error);
  const what = wordsOf(check);
  if (answer instanceof Error)
    return `${what} failed: ${signal.aborted ? `no answer within ${seconds(timeoutMs)}` : reason(answer)}`;
  const isWanted = status === undefined ? answer.status >= 200 && answer.status < 300 : answer.status === status;
  if (!isWanted) return `${what} answered ${answer.status} (wanted ${status ?? "200 to 299"})`;
  if (body !== undefined && !answer.body.includes(body))
    return `${what} answered ${answer.status} without ${JSON.stringify(body)} in its body`;
  return undefined;
}

/**
 * A connection of its own each time: one that is kept open may end at a predecessor. The parser is lenient, as curl's is:
 * headers of a CGI program that end in a bare line feed are no reason to undo a deployment.
 */
function get(url: string, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith("https:") ? httpsRequest : httpRequest;
    const sent = request(
      url,
      { agent: false, insecureHTTPParser: true, signal, headers: { connection: "close", "user-agent": "floe" } },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text: string) => {
          if (body.length < bodyLimit) body += text;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

function probeTcp(
  { address, port }: { readonly address: string; readonly port: number },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port, signal });
    const end = (answer: string | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => end(undefined));
    socket.on("error", (error) =>
      end(
        `Connection to ${address}:${port} failed: ${signal.aborted ? `no answer within ${seconds(timeoutMs)}` : reason(error)}`,
      ),
    );
  });
}

async function probeTcpInside(
  target: ProbeTarget,
  check: Extract<Question, { kind: "tcp" }>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const endpoint = { host: check.address, port: String(check.port) };
  const why = await connectInside(target, endpoint, timeoutMs, signal).catch((error: Error) => reason(error));
  if (why === undefined) return undefined;
  return `${wordsOf(check)} failed: ${signal.aborted ? `no answer within ${seconds(timeoutMs)}` : why}`;
}

async function probeSystem(
  target: ProbeTarget,
  allowDegraded: boolean,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const system = await readSystem(target, signal);
    if (system === undefined) return "There is no systemd in it";
    const { failedBefore } = target;
    return judgeSystem(system, { allowDegraded, ...(failedBefore === undefined ? {} : { failedBefore }) });
  } catch (error) {
    return signal.aborted
      ? `systemctl was not done within ${seconds(timeoutMs)}`
      : `systemctl cannot be asked: ${reason(error as Error)}`;
  }
}

/** Incus' status code for a guest that told it so through /dev/incus/sock. */
const readyCode = 113;

async function probeReady({ client, project, name }: ProbeTarget): Promise<string | undefined> {
  try {
    const found = await client.getInstance(project, name);
    if (found?.value.status_code === readyCode) return undefined;
    return `It has not said that it is ready (${found?.value.status.toLowerCase() ?? "it is not there"})`;
  } catch (error) {
    return `Its state cannot be read: ${reason(error as Error)}`;
  }
}

async function probeExec(
  { client, project, name }: ProbeTarget,
  command: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const what = `Command "${command.join(" ")}"`;
  try {
    const { exitCode, stdout, stderr } = await client.exec(project, name, command, { signal });
    if (exitCode === 0) return undefined;
    const said = (stderr.trim() || stdout.trim()).split("\n").at(-1);
    return `${what} ended with ${exitCode}${said ? `: ${said}` : ""}`;
  } catch (error) {
    return `${what} failed: ${signal.aborted ? `not done within ${seconds(timeoutMs)}` : reason(error as Error)}`;
  }
}

/** `ECONNREFUSED` and its like say more than the sentence around them. */
function reason(error: Error): string {
  // The rest of it would only repeat the command.
  if (error instanceof IncusError && typeof error.details["words"] === "string") return error.details["words"];
  const { code } = error as NodeJS.ErrnoException;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection closed without an answer",
    ETIMEDOUT: "timed out",
    ENOTFOUND: "unknown host",
    EHOSTUNREACH: "no route to host",
  };
  return (code !== undefined ? words[code] : undefined) ?? (error.message || code || "unknown error");
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}
