/**
 * Networks for machines that tests make: a bridge with static addresses, so that nothing hands out addresses or names. The
 * addresses are those for benchmarks (RFC 2544: 198.18.0.0/15), which no real network uses. Needs root.
 */
import { run } from "./run.ts";

/** A bridge is named by the number of its /24 in the range, so making it reserves the range. */
const PREFIX = "floelab";
const COUNT = 512;
const OWNER = "a test of floe, process ";

export interface LabNetwork {
  readonly bridge: string;
  /** The address in this network by its last number; 1 is this machine's, where it has one. */
  address(last: number): string;
  remove(): Promise<void>;
}

/** @param reachable - false: this machine has no address in it, so that only a machine in it leads to the others */
export async function labNetwork({ reachable = true }: { readonly reachable?: boolean } = {}): Promise<LabNetwork> {
  await removeLeftovers();
  for (let tries = 0; tries < COUNT; tries++) {
    const number = Math.floor(Math.random() * COUNT);
    const bridge = PREFIX + number;
    if (!(await add(bridge))) continue;
    const address = (last: number) => `198.${18 + (number >> 8)}.${number & 255}.${last}`;
    await ip("link", "set", bridge, "alias", OWNER + process.pid);
    if (reachable) await ip("address", "add", `${address(1)}/24`, "dev", bridge);
    await ip("link", "set", bridge, "up");
    return { bridge, address, remove: async () => void (await ip("link", "delete", bridge)) };
  }
  throw new Error("No free network for a test: 512 bridges are there");
}

/** Takes the cable out, or puts it in again; `device` is this machine's end of it. */
export async function setCable(device: string, state: "up" | "down"): Promise<void> {
  await ip("link", "set", device, state);
}

/** Mostly it went with its machine. */
export async function removeCable(device: string): Promise<void> {
  await ip("link", "delete", device).catch(() => {});
}

// --- internal ---

const ip = (...args: readonly string[]) => run("ip", args);

async function add(bridge: string): Promise<boolean> {
  try {
    await ip("link", "add", bridge, "type", "bridge");
    return true;
  } catch (error) {
    if (/File exists/.test(String(error))) return false;
    throw error;
  }
}

/** Of runs that were killed. */
async function removeLeftovers(): Promise<void> {
  const links = JSON.parse((await ip("-json", "link", "show", "type", "bridge")) || "[]") as readonly {
    readonly ifname?: string;
    readonly ifalias?: string;
  }[];
  for (const { ifname = "", ifalias = "" } of links) {
    if (!ifname.startsWith(PREFIX) || !ifalias.startsWith(OWNER)) continue;
    if (isAlive(Number(ifalias.slice(OWNER.length)))) continue;
    // Another test file may be removing it as well.
    await ip("link", "delete", ifname).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
