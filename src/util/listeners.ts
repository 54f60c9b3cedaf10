/** What listens on this machine, from the kernel's own tables. */
import { readdir, readFile, readlink } from "node:fs/promises";

/** A socket that listens on this machine. */
export interface Listener {
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
  /** For people: `nginx (process 812)`; absent when it may not be known. */
  readonly holder?: string;
}

interface Socket extends Omit<Listener, "holder"> {
  readonly inode: string;
}

/** The listening TCP sockets and bound UDP sockets on these ports, with the program that has each where that may be known. */
export async function readListeners(ports: ReadonlySet<number>): Promise<Listener[]> {
  const all = (await Promise.all([table("tcp"), table("tcp6"), table("udp"), table("udp6")])).flat();
  const sockets = all.filter(({ port }) => ports.has(port));
  if (sockets.length === 0) return [];
  const holders = await findHolders(new Set(sockets.map(({ inode }) => inode)));
  return sockets.map(({ inode, ...socket }) => {
    const holder = holders.get(inode);
    return holder === undefined ? socket : { ...socket, holder };
  });
}

/**
 * One of `/proc/net/{tcp,tcp6,udp,udp6}`: see proc_pid_net(5). Listening is state 0A for TCP; a UDP socket that is bound
 * and not connected is 07.
 */
export function parseSocketTable(text: string, protocol: "tcp" | "udp"): Socket[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      const [address, port] = local.split(":");
      if (state !== (protocol === "tcp" ? "0A" : "07") || address === undefined || port === undefined) return [];
      return [{ protocol, address: parseAddress(address), port: Number.parseInt(port, 16), inode }];
    });
}

// --- internal ---

async function table(name: "tcp" | "tcp6" | "udp" | "udp6"): Promise<Socket[]> {
  const text = await readFile(`/proc/net/${name}`, "utf8").catch(() => "");
  return parseSocketTable(text, name.startsWith("tcp") ? "tcp" : "udp");
}

/** The kernel prints each 32-bit word as the machine holds it: little-endian on all that NixOS runs on. */
function parseAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? [])
    .flatMap((word) => (word.match(/../g) ?? []).reverse())
    .map((byte) => Number.parseInt(byte, 16));
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.every((byte) => byte === 0)) return "::";
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

/** Inode to `nginx (process 812)`. Other users' processes stay unknown without root. */
async function findHolders(inodes: ReadonlySet<string>): Promise<Map<string, string>> {
  const holders = new Map<string, string>();
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
      const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => "")));
      const held = links
        .flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
        .filter((inode) => inodes.has(inode));
      if (held.length === 0) return;
      const name = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "?")).trim();
      for (const inode of held) holders.set(inode, `${name} (process ${pid})`);
    }),
  );
  return holders;
}
