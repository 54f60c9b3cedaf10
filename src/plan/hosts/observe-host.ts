/** Asks a machine what it is and what runs on it, with one script over one connection. */
import { ConnectionError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import type { HostGeneration } from "../../model/host-plan.ts";
import { defined } from "../../util/defined.ts";
import { isRecord } from "../../util/files.ts";
import { observeScript } from "./observe-script.ts";
import type { GenerationRecord, ObservedHost, SystemParts } from "./observed.ts";

/** @throws ConnectionError when it cannot be reached or gives no answer that makes sense, CancelledError */
export async function observeHost(machine: Machine, signal?: AbortSignal): Promise<ObservedHost> {
  const { stdout, stderr, exitCode } = await machine.script(observeScript, [], { signal, repeatable: true });
  const observed = parseObservation(stdout);
  if (exitCode === 0 && observed !== undefined) return observed;
  throw new ConnectionError(`Cannot look at ${machine.where}: its answer makes no sense: ${stderr.trim() || stdout}`, {
    hint: "A shell of that user must run POSIX commands and print nothing of its own when it starts",
    details: { where: machine.where },
  });
}

/** What the script printed; undefined when it did not come to its end or something else did the talking. */
export function parseObservation(text: string): ObservedHost | undefined {
  const { one, all } = readLines(text);
  const hostName = one("hostName");
  const bootId = one("bootId");
  if (hostName === undefined || bootId === undefined) return undefined;
  const generations = all("generation").flatMap(toGeneration);
  generations.sort((a, b) => a.number - b.number);
  const current = one("current");
  const booted = one("booted");
  const currentParts = partsOf(one, "current");
  return {
    identity: { hostName, machineId: one("machineId"), bootId },
    platform: platformOf(one("uname")),
    current,
    booted,
    generations,
    boots: generations.find(({ number }) => `system-${number}-link` === one("profile")),
    failedUnits: all("failed"),
    records: one("recorded") === undefined ? undefined : parseRecords(all("record")),
    ...diskOf(one("free")),
    ...defined({ upSeconds: upSecondsOf(one("uptime"), one("init")) }),
    nixVersion: /(\d+\.\d+\S*)\s*$/.exec(one("nix") ?? "")?.[1],
    kernelRelease: one("kernelRelease"),
    configurationRevision: one("revision") ?? revisionOf(one("version")),
    parts: { current: currentParts, booted: booted === current ? currentParts : partsOf(one, "booted") },
  };
}

/** Lines of `/var/lib/floe/generations`; one that is torn or of a later format is passed over. */
export function parseRecords(lines: readonly string[]): GenerationRecord[] {
  return lines.flatMap((line) => {
    const [number, system = "", fleet = "", revision, by, seconds] = line.split("\t");
    if (!/^\d+$/.test(number ?? "") || !/^\d+$/.test(seconds ?? "") || !system.startsWith("/")) return [];
    const optional = { revision: revision || undefined, by: by || undefined };
    return [{ number: Number(number), system, fleet, ...defined(optional), at: Number(seconds) * 1000 }];
  });
}

/** Of the keys that begin with `PREFIX.`. */
export function partsOf(one: (key: string) => string | undefined, prefix: string): SystemParts {
  return defined({
    kernel: one(`${prefix}.kernel`),
    initrd: one(`${prefix}.initrd`),
    kernelModules: one(`${prefix}.kernelModules`),
    kernelParams: one(`${prefix}.kernelParams`),
    systemd: one(`${prefix}.systemd`),
  });
}

/** Lines of `key TAB value`, by their keys. */
export function readLines(text: string): {
  readonly one: (key: string) => string | undefined;
  readonly all: (key: string) => readonly string[];
} {
  const values = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const tab = line.indexOf("\t");
    if (tab < 0) continue;
    const key = line.slice(0, tab);
    const known = values.get(key);
    if (known === undefined) values.set(key, [line.slice(tab + 1)]);
    else known.push(line.slice(tab + 1));
  }
  return { one: (key) => values.get(key)?.[0]?.trim() || undefined, all: (key) => values.get(key) ?? [] };
}

// --- internal ---

/** `system-12-link TAB SECONDS TAB STORE PATH`. */
function toGeneration(line: string): HostGeneration[] {
  const [name = "", seconds = "", system = ""] = line.split("\t");
  const number = /^system-(\d+)-link$/.exec(name)?.[1];
  if (number === undefined) return [];
  const at = Math.round(Number(seconds) * 1000);
  return [{ number: Number(number), ...(Number.isFinite(at) ? { at } : {}), system }];
}

/** `Linux x86_64` → `x86_64-linux`. */
function platformOf(uname: string | undefined): string | undefined {
  const [kernel, processor] = uname?.split(/\s+/) ?? [];
  if (kernel === undefined || processor === undefined) return undefined;
  const name = { arm64: "aarch64", i386: "i686", i586: "i686" }[processor] ?? processor;
  return `${name}-${kernel.toLowerCase()}`;
}

/** The last line of `df -Pk`: all, used and free, in KiB. A name of a device may hold spaces. */
function diskOf(line: string | undefined): Pick<ObservedHost, "freeBytes" | "disk"> {
  const found = /\s(\d+)\s+(\d+)\s+(\d+)\s+\d+%/.exec(line ?? "");
  if (found === null) return { freeBytes: undefined };
  const [, total = 0, used = 0, free = 0] = found.map((number) => Number(number) * 1024);
  return { freeBytes: free, disk: { used, total } };
}

/**
 * Of /proc/uptime and of /proc/1/stat, whose 22nd field says when the first process was started, in hundredths of a second: in a container the uptime
 * may be that of the machine around it.
 */
function upSecondsOf(uptime: string | undefined, init: string | undefined): number | undefined {
  const up = Number.parseFloat(uptime ?? "");
  if (!Number.isFinite(up)) return undefined;
  const started = Number(init?.slice(init.lastIndexOf(")") + 2).split(" ")[19]) / 100;
  return Math.round(started > 0 && started < up ? up - started : up);
}

function revisionOf(json: string | undefined): string | undefined {
  try {
    const version: unknown = JSON.parse(json ?? "null");
    const revision = isRecord(version) ? version["configurationRevision"] : undefined;
    return typeof revision === "string" && revision !== "" ? revision : undefined;
  } catch {
    return undefined;
  }
}
