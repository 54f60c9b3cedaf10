import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { run } from "../exec/run.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import type { NixTool } from "./find.ts";

/** Whether nix can reach the binary caches it is configured with. */
export type Network =
  | { readonly online: true }
  /** `substituters`: those that need no network and stay in use. */
  | { readonly online: false; readonly reason: string; readonly substituters: readonly string[] };

/** How long an answer holds. A machine that comes online must be noticed soon; one that goes offline costs only a wait. */
const ONLINE_FOR_MS = 10 * 60_000;
const OFFLINE_FOR_MS = 60_000;
/** Milliseconds that a name server gets. */
const DNS_TIMEOUT_MS = 700;

/**
 * Finds out without a wait whether binary caches can be reached, so that nix never sits through its own retries (4 seconds a command).
 * `$FLOE_OFFLINE` decides when it is `1` or `0`. Else: offline when there is no default route, or when no cache's name resolves.
 */
export async function checkNetwork(nix: NixTool, env: NodeJS.ProcessEnv = process.env): Promise<Network> {
  const forced = env["FLOE_OFFLINE"];
  if (forced === "0") return { online: true };
  const file = join(nix.cacheDir, "network.json");
  const asked = `${nix.command} ${forced ?? ""}`;
  const cached = fresh(readCache(file), asked, Date.now());
  if (cached !== undefined) return cached;
  const network = await judge(await substitutersOf(nix), env);
  writeCache(file, { at: Date.now(), asked, network });
  return network;
}

/** True when a routing table of Linux (`/proc/net/route`, `/proc/net/ipv6_route`) has a default route that is not the loopback's. */
export function hasDefaultRoute(ipv4: string, ipv6: string): boolean {
  const four = rows(ipv4).some(
    ([name, destination, , flags = "0"]) => name !== "lo" && destination === "00000000" && isUp(flags),
  );
  const six = rows(ipv6).some(
    (row) => /^0{32}$/.test(row[0] ?? "") && row[1] === "00" && row.at(-1) !== "lo" && isUp(row.at(-2) ?? "0"),
  );
  return four || six;
}

// --- internal ---

async function judge(substituters: readonly string[], env: NodeJS.ProcessEnv): Promise<Network> {
  const remote = substituters.filter((url) => /^https?:/.test(url));
  const offline = (reason: string): Network => ({
    online: false,
    reason,
    substituters: substituters.filter((url) => !remote.includes(url)),
  });
  if (env["FLOE_OFFLINE"]) return offline("FLOE_OFFLINE is set");
  if (remote.length === 0) return { online: true };
  const hosts = [...new Set(remote.flatMap(hostOf))];
  if (hosts.some((host) => host === "localhost" || host.startsWith("127."))) return { online: true };
  const routed = isRouted();
  if (routed === false) return offline("this machine has no default route");
  if (["http_proxy", "https_proxy", "all_proxy"].some((name) => env[name] || env[name.toUpperCase()]))
    return { online: true };
  const known = await Promise.all(hosts.map(resolves));
  return known.includes(true) ? { online: true } : offline(`${hosts.join(", ")} cannot be resolved`);
}

/** `undefined` where there is no routing table to read. */
function isRouted(): boolean | undefined {
  const [ipv4, ipv6] = ["/proc/net/route", "/proc/net/ipv6_route"].map(readText);
  return ipv4 === undefined && ipv6 === undefined ? undefined : hasDefaultRoute(ipv4 ?? "", ipv6 ?? "");
}

/** Asks the name servers directly: the C library's own look-up cannot be given up and would keep the process waiting. */
async function resolves(host: string): Promise<boolean> {
  if (isIP(host) !== 0 || isInHostsFile(host)) return true;
  const { Resolver } = await import("node:dns/promises");
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 });
  const timer = setTimeout(() => resolver.cancel(), 2 * DNS_TIMEOUT_MS);
  try {
    await Promise.any([resolver.resolve4(host), resolver.resolve6(host)]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function isInHostsFile(host: string): boolean {
  const lines = (readText("/etc/hosts") ?? "").split("\n");
  return lines.some((line) => line.replace(/#.*/, "").trim().split(/\s+/).slice(1).includes(host));
}

async function substitutersOf(nix: NixTool): Promise<string[]> {
  const command = nix.features.configShow ? ["config", "show"] : ["show-config"];
  const result = await run([nix.command, "--extra-experimental-features", "nix-command", ...command], {
    plainLocale: true,
    timeoutMs: 10_000,
  });
  const line = /^substituters = (.*)$/m.exec(result.stdout);
  return (line?.[1] ?? "https://cache.nixos.org/").split(" ").filter((url) => url !== "");
}

function fresh(cached: unknown, asked: string, now: number): Network | undefined {
  if (
    !isRecord(cached) ||
    cached["asked"] !== asked ||
    typeof cached["at"] !== "number" ||
    !isRecord(cached["network"])
  )
    return undefined;
  const age = now - cached["at"];
  const network = cached["network"] as unknown as Network;
  return age >= 0 && age < (network.online ? ONLINE_FOR_MS : OFFLINE_FOR_MS) ? network : undefined;
}

function hostOf(url: string): string[] {
  try {
    return [new URL(url).hostname.replace(/^\[|\]$/g, "")];
  } catch {
    return [];
  }
}

function rows(table: string): string[][] {
  return table.split("\n").map((line) => line.trim().split(/\s+/));
}

/** The lowest bit of a route's flags says that it is usable; 0x200 in IPv6 says that it rejects. */
function isUp(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & 1) === 1 && (bits & 0x200) === 0;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
