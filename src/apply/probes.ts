/** One look at an instance's health. Undefined is well; a text says what is wrong. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import net from "node:net";
import type { IncusClient } from "../incus/types.ts";
import type { HealthProbe } from "../model/fleet.ts";
import { linkedTo, pause } from "./pause.ts";

export interface ProbeTarget {
  readonly client: IncusClient;
  readonly project: string;
  readonly name: string;
}

/** Answers within `timeoutMs`, whatever the other side does, and soon after the signal aborts. */
export async function probe(
  target: ProbeTarget,
  check: HealthProbe,
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
  check: HealthProbe,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (check.kind) {
    case "http":
      return probeHttp(check, timeoutMs, signal);
    case "tcp":
      return probeTcp(check, timeoutMs, signal);
    case "exec":
      return probeExec(target, check.command, timeoutMs, signal);
  }
}

function wordsOf(check: HealthProbe): string {
  switch (check.kind) {
    case "http":
      return `GET ${check.url}`;
    case "tcp":
      return `Connection to ${check.address}:${check.port}`;
    case "exec":
      return `Command "${check.command.join(" ")}"`;
  }
}

/** No more of an answer is read than this. */
const bodyLimit = 1024 * 1024;

async function probeHttp(
  check: Extract<HealthProbe, { kind: "http" }>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { url, status, body } = check;
  const answer = await get(url, signal).catch((error: Error) => error);
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
function get(url: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }> {
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
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`;
}
