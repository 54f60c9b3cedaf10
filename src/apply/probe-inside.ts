/**
 * HTTP and TCP checks asked from the server's side: in the instance's own network, with a program that is there. See
 * docs/decisions/health-from-server.md for why it is this side.
 */
import { insidePath } from "../incus/inside-path.ts";
import type { DeviceMap } from "../incus/types.ts";
import { readParked } from "../plan/parking.ts";
import { lastLine } from "../util/last-line.ts";
import type { ProbeTarget } from "./probes.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** An address and port as they are reached inside. */
export interface Endpoint {
  readonly host: string;
  readonly port: string;
}

/** @throws Error why there was no answer */
export async function getInside(
  target: ProbeTarget,
  address: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const url = new URL(address);
  const outside = { host: bare(url.hostname), port: url.port || (url.protocol === "https:" ? "443" : "80") };
  const { host, port } = await insideOf(target, outside);
  const inner = new URL(address);
  inner.hostname = host.includes(":") ? `[${host}]` : host;
  inner.port = port;
  const path = `${url.pathname}${url.search}`;
  const given = { url: address, inner: inner.href, host, port, path, seconds: String(Math.ceil(timeoutMs / 1000)) };
  const { exitCode, stdout, stderr } = await run(target, httpScript, given, signal);
  const answer = parseAnswer(stdout, stderr);
  if (answer !== undefined) return answer;
  throw new Error(exitCode === noProgram ? lacking("curl, wget, bash and python3") : lastLine(stderr, ended(exitCode)));
}

/** Undefined when something listens there, else why not. */
export async function connectInside(
  target: ProbeTarget,
  endpoint: Endpoint,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const given = { ...(await insideOf(target, endpoint)), seconds: String(Math.ceil(timeoutMs / 1000)) };
  const { exitCode, stderr } = await run(target, tcpScript, given, signal);
  if (exitCode === 0) return undefined;
  return exitCode === noProgram ? lacking("bash, nc and python3") : lastLine(stderr, ended(exitCode));
}

/** Where a proxy device of the server leads to: inside, only that end is there. Anything else stays as it is. */
export function throughProxy({ host, port }: Endpoint, devices: DeviceMap): Endpoint {
  for (const { type, listen, connect } of Object.values(devices)) {
    const from = type === "proxy" ? endpointOf(listen) : undefined;
    const to = endpointOf(connect);
    if (from !== undefined && to !== undefined && from.port === port && isSameHost(from.host, host)) return to;
  }
  return { host, port };
}

/** The answer as curl and bash print it, whole on stdout; or as wget does, with its head on stderr. */
export function parseAnswer(stdout: string, stderr: string): HttpAnswer | undefined {
  const raw = /^HTTP\/[\d.]+ +(\d{3})/.exec(stdout);
  if (raw !== null) return { status: Number(raw[1]), body: stdout.replace(/^[\s\S]*?\r?\n\r?\n/, "") };
  const told = [...stderr.matchAll(/HTTP\/[\d.]+ +(\d{3})/g)].at(-1);
  return told === undefined ? undefined : { status: Number(told[1]), body: stdout };
}

// --- internal ---

/** Not 126 or 127: Incus answers those with an error of its own. */
const noProgram = 120;

/** Each with the first that is there; busybox has a wget that knows fewer flags than GNU's, and crashes on some. */
const httpScript = `
if command -v curl > /dev/null 2>&1; then
  exec curl -sS -i --max-time "$seconds" --connect-to "::$host:$port" -A floe "$url"
fi
if command -v wget > /dev/null 2>&1; then
  case "$(wget --version 2> /dev/null)" in *GNU*) gnu="-T $seconds --tries=1 --max-redirect=0 --content-on-error" ;; esac
  exec wget -q -S -O - -U floe $gnu "$inner"
fi
case "$url" in
  http:*)
    if command -v bash > /dev/null 2>&1; then
      exec bash -c 'trap "" PIPE; exec 3<> "/dev/tcp/$host/$port" || exit 1; printf "GET %s HTTP/1.0\\r\\nHost: %s\\r\\nUser-Agent: floe\\r\\n\\r\\n" "$path" "$host" >&3; cat <&3'
    fi ;;
esac
if command -v python3 > /dev/null 2>&1; then
  exec python3 -c '
import os, sys, urllib.error, urllib.request
try: answer = urllib.request.urlopen(os.environ["inner"], timeout=float(os.environ["seconds"]))
except urllib.error.HTTPError as error: answer = error
sys.stdout.buffer.write(b"HTTP/1.1 %d\\r\\n\\r\\n" % answer.status + answer.read(1048576))'
fi
exit ${noProgram}`;

const tcpScript = `
if command -v bash > /dev/null 2>&1; then exec bash -c ': < "/dev/tcp/$host/$port"'; fi
if command -v python3 > /dev/null 2>&1; then
  exec python3 -c 'import os, socket; socket.create_connection((os.environ["host"], int(os.environ["port"])), float(os.environ["seconds"]))'
fi
if command -v nc > /dev/null 2>&1; then exec nc -w "$seconds" "$host" "$port" < /dev/null > /dev/null; fi
exit ${noProgram}`;

function run(
  { client, project, name }: ProbeTarget,
  script: string,
  given: Readonly<Record<string, string>>,
  signal: AbortSignal,
): ReturnType<ProbeTarget["client"]["exec"]> {
  const environment = { ...given, PATH: insidePath };
  return client.exec(project, name, ["/bin/sh", "-c", script], { signal, environment });
}

/** A successor that proves itself beside its predecessor has its proxies taken off for that time. */
async function insideOf({ client, project, name }: ProbeTarget, endpoint: Endpoint): Promise<Endpoint> {
  const found = await client.getInstance(project, name);
  if (found === undefined) return endpoint;
  const { expanded_devices, config } = found.value;
  const parked = Object.entries(readParked(config)?.trial ?? {}).filter((entry) => entry[1] !== null);
  return throughProxy(endpoint, { ...expanded_devices, ...(Object.fromEntries(parked) as DeviceMap) });
}

/** `tcp:127.0.0.1:80`; several ports at once are none that a check means. */
function endpointOf(text: string | undefined): Endpoint | undefined {
  const match = /^tcp:(.+):(\d+)$/.exec(text ?? "");
  return match?.[1] === undefined || match[2] === undefined ? undefined : { host: bare(match[1]), port: match[2] };
}

function isSameHost(listen: string, asked: string): boolean {
  const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  return listen === asked || listen === "0.0.0.0" || listen === "::" || (isLoopback(listen) && isLoopback(asked));
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

function lacking(programs: string): string {
  return `the instance has none of ${programs} to ask with: use an "exec" check`;
}

function ended(exitCode: number): string {
  return `the program that asked ended with ${exitCode}`;
}
