/** This machine as another one, for what floe does with the machine it runs on. */
import { execFileSync } from "node:child_process";

/** Can a process have a view of the machine of its own? Only root can. */
export function skipNamespaces(): boolean {
  try {
    execFileSync("unshare", ["--mount", "--uts", "true"], { stdio: "ignore" });
    return false;
  } catch {
    return true;
  }
}

export interface MachineView {
  /** A folder for what is written, empty at first. */
  readonly machine: string;
  readonly hostName: string;
  readonly cwd: string;
}

/** Runs a command as root in a view of the machine of its own; answers its stdout. */
export function inView({ machine, hostName, cwd }: MachineView, command: readonly string[]): string {
  return execFileSync("unshare", ["--mount", "--uts", "sh", "-c", view, "sh", machine, cwd, hostName, ...command], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", FLOE_OFFLINE: "1", INCUS_SOCKET: "/nowhere" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

// --- internal ---

/**
 * A view in which this machine has another name and no NixOS yet, and what is written to /etc, /run and the profiles is gone afterwards.
 * The store is the real one.
 */
const view = `set -e
mount --make-rprivate /
for folder in /etc /nix/var/nix/profiles /nix/var/nix/gcroots; do
  mkdir -p "$1$folder"
  cp -a "$folder/." "$1$folder/"
  mount --bind "$1$folder" "$folder"
done
mkdir -p "$1/run" "$1/lib" /var/lib/floe
mount --bind "$1/run" /run
mount --bind "$1/lib" /var/lib/floe
hostname "$3"
cd "$2"
shift 3
exec "$@"`;
