import type { HealthCheck, HealthProbe } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { durationForms, parseDuration } from "../util/duration.ts";
import type { Field } from "./field.ts";

const kinds = ["http", "tcp", "exec", "systemd", "ready"] as const;
const defaults = { withinMs: 60_000, intervalMs: 250 } as const;

/** One health check; within 60 s and an interval of 250 ms when the user does not say. */
export function readHealthCheck(field: Field): HealthCheck {
  const keys = field.keys(...kinds, "status", "body", "within", "interval", "passes", "from");
  const withinMs = readDuration(keys.within, defaults.withinMs);
  const intervalMs = readDuration(keys.interval, Math.min(defaults.intervalMs, withinMs));
  if (intervalMs > withinMs) keys.interval.fail("is longer than the time that the check has");
  const passes = keys.passes.optional((count) => count.integer(1, 1000));
  return defined({ ...readProbe(field, keys), withinMs, intervalMs, passes, from: readFrom(keys) });
}

type HealthKeys = Readonly<Record<(typeof kinds)[number] | "status" | "body" | "from", Field>>;

/** Checks that run in the instance have no address to be reached from anywhere. */
function readFrom(keys: HealthKeys): "here" | "server" | undefined {
  const { from, http, tcp } = keys;
  if (!from.isGiven) return undefined;
  if (!http.isGiven && !tcp.isGiven) from.report('Key "from" is for "http" and "tcp" health checks only');
  if (from.value === "here" || from.value === "server") return from.value;
  from.must('be "here" or "server"');
  return undefined;
}

function readProbe(field: Field, keys: HealthKeys): HealthProbe {
  const given = kinds.filter((kind) => keys[kind].isGiven);
  if (given.length !== 1) field.fail('must have exactly one of "http", "tcp", "exec", "systemd" and "ready"');
  const kind = given[0];
  if (kind !== "http") {
    for (const key of ["status", "body"] as const)
      if (keys[key].isGiven) keys[key].report(`Key "${key}" is for "http" health checks only`);
  }
  if (kind === "tcp") return readTcp(keys.tcp);
  if (kind === "exec") return readExec(keys.exec);
  if (kind === "systemd") return readSystemd(keys.systemd);
  if (kind === "ready") return readReady(keys.ready);
  return readHttp(keys);
}

function readHttp(keys: HealthKeys): HealthProbe {
  const url = keys.http.optional((field) =>
    field.textLike(isHttpUrl, 'be a whole URL such as "http://127.0.0.1:8080/"'),
  );
  return defined({
    kind: "http" as const,
    url: url ?? "",
    status: keys.status.optional((field) => field.integer(100, 599)),
    body: keys.body.optional((field) => field.text("be the text that the answer must contain")),
  });
}

function readTcp(field: Field): HealthProbe {
  const text = field.textLike(
    (value) => parseEndpoint(value) !== undefined,
    'be an address and a port such as "127.0.0.1:5432"',
  );
  const { address, port } = parseEndpoint(text) ?? { address: "", port: 0 };
  return { kind: "tcp", address, port };
}

function readExec(field: Field): HealthProbe {
  const command = field.list((item) => item.text("be text: the command is a list of its program and arguments"));
  if (Array.isArray(field.value) && command.length === 0) field.fail("must name a program");
  return { kind: "exec", command };
}

function readSystemd(field: Field): HealthProbe {
  if (field.value === true) return { kind: "systemd", allowDegraded: false };
  if (typeof field.value !== "object") field.must("be true or { allowDegraded: true }");
  else return { kind: "systemd", allowDegraded: field.keys("allowDegraded").allowDegraded.flag(false) };
  return { kind: "systemd", allowDegraded: false };
}

function readReady(field: Field): HealthProbe {
  if (field.value !== true) field.must("be true");
  return { kind: "ready" };
}

/** A duration above zero in milliseconds. */
function readDuration(field: Field, fallback: number): number {
  if (!field.isGiven) return fallback;
  const duration = parseDuration(field.value);
  if (duration !== undefined && duration > 0) return duration;
  field.must(`be ${durationForms}`);
  return fallback;
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]/.test(text) && URL.canParse(text);
}

/** `ADDRESS:PORT`, an IPv6 address in brackets. */
export function parseEndpoint(text: string): { address: string; port: number } | undefined {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^\s:[\]]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] === undefined || !isPort(port)) return undefined;
  return { address: match[1].replace(/^\[|\]$/g, ""), port };
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
