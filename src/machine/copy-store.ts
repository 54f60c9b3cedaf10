/** The store of another machine as `nix copy` is told of it. */
import { existsSync } from "node:fs";
import { ConnectionError, NixError } from "../errors.ts";
import { openBridge } from "./bridge.ts";
import type { CopyWay } from "./copy.ts";
import type { Machine } from "./machine.ts";

export interface CopyStore {
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  /** When nix failed: why the connection ended, if it did. */
  lost(signal: AbortSignal | undefined): Promise<unknown>;
  /** What the other side printed beside what nix knows. */
  said(): string;
  close(): Promise<void>;
}

/**
 * Over ssh-ng where the user may add what is not signed; else through a bridge to a nix of root's there, by the machine's own way: with
 * a password for sudo, or through Incus. @throws FloeError when the user cannot become root
 */
export async function openCopyStore(way: CopyWay, signal: AbortSignal | undefined): Promise<CopyStore> {
  if (way.ssh === undefined) return bridgedStore(way, signal);
  const { isTrusted, daemon } = await askNix(way.machine, signal);
  return isTrusted ? sshStore(way, way.ssh, daemon, signal) : bridgedStore(way, signal);
}

// --- internal ---

async function sshStore(
  { machine, env }: CopyWay,
  ssh: NonNullable<CopyWay["ssh"]>,
  daemon: string,
  signal: AbortSignal | undefined,
): Promise<CopyStore> {
  const { socket, options } = await ssh.shared(signal);
  return {
    // A login shell that nobody sits at often knows less of the PATH.
    url: `ssh-ng://${nameForNix(machine.where)}?remote-program=${encodeURIComponent(daemon)}`,
    env: { ...env, NIX_SSHOPTS: [env["NIX_SSHOPTS"] ?? "", ...options].join(" ").trim() },
    said: () => "",
    async lost(signal) {
      if (!existsSync(socket)) return new ConnectionError(`The connection to ${machine.where} ended`);
      return machine.run(["true"], { signal, timeoutMs: 30_000 }).then(
        () => undefined,
        (error: unknown) => error,
      );
    },
    close: async () => {},
  };
}

async function bridgedStore({ env, root, transport }: CopyWay, signal: AbortSignal | undefined): Promise<CopyStore> {
  const way = await root(signal);
  let problem: unknown;
  let said = "";
  const bridge = await openBridge(env, async (socket) => {
    const { argv, input } = way.as(["nix-daemon", "--stdio"], socket);
    try {
      said += (await transport.exec(argv, { input, output: socket, signal })).stderr;
    } catch (error) {
      problem ??= error;
    }
  });
  return {
    url: `unix://${bridge.path}`,
    env,
    said: () => said.trim(),
    lost: async () => problem,
    close: bridge.close,
  };
}

/** Nix takes a destination apart by rules of its own; the connection that is open is used whatever its name. */
function nameForNix(destination: string): string {
  return /^([\w.-]+@)?[a-zA-Z0-9.-]+$/.test(destination) ? destination : "floe";
}

/** @throws NixError when there is no nix */
async function askNix(
  machine: Machine,
  signal: AbortSignal | undefined,
): Promise<{ readonly isTrusted: boolean; readonly daemon: string }> {
  const { stdout } = await machine.script(ABOUT_NIX, [], { signal });
  const daemon = /^daemon (\/.*)$/m.exec(stdout)?.[1];
  if (daemon !== undefined) return { daemon, isTrusted: /^trusted$/m.test(stdout) };
  throw new NixError(`Cannot copy to ${machine.where}: there is no nix`, {
    hint: "Install Nix there",
    details: { phase: "copy", where: machine.where },
  });
}

/** `trusted-users` of nix.conf says who may add what nobody signed; who owns the store (an installation for one user) may anyway. */
const ABOUT_NIX = `echo "daemon $(command -v nix-daemon)"
[ "$(id -u)" = 0 ] || [ -w /nix/var/nix/db/db.sqlite ] && { echo trusted; exit; }
config() { nix --extra-experimental-features nix-command "$@" 2>/dev/null; }
{ config config show || config show-config; } | while read -r key equals names; do
  [ "$key" = trusted-users ] || continue
  set -f
  for name in $names; do
    [ "$name" = "*" ] || [ "$name" = "$(id -un)" ] && echo trusted
    for group in $(id -Gn); do [ "$name" = "@$group" ] && echo trusted; done
  done
done
exit 0`;
