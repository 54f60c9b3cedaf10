/** The way of an ssh connection, as the user's configuration has it. */
import { type RunResult, run } from "../exec/run.ts";

export interface Hop {
  /** As the user writes it. */
  readonly name: string;
  /** Where it leads by the configuration. */
  readonly host: string;
}

export interface Way {
  readonly target: Hop;
  /** Hosts before it, the first one first. */
  readonly jumps: readonly Hop[];
  /** A program of the user's that makes the connection. */
  readonly proxyCommand?: string;
}

/** Runs ssh; `--` stands before the destination. */
export type Ssh = (args: readonly string[]) => Promise<Pick<RunResult, "stdout" | "stderr" | "exitCode">>;

/** Asks ssh itself (`ssh -G`), which knows all of its rules. */
export async function readWay(ssh: Ssh, destination: string): Promise<Way> {
  const settings = await settingsOf(ssh, destination);
  const names = splitJumps(settings.get("proxyjump"));
  const proxyCommand = settings.get("proxycommand");
  const jumps = await Promise.all(names.map((name) => hopOf(ssh, name)));
  return {
    target: { name: destination, host: settings.get("hostname") ?? destination },
    jumps,
    ...(proxyCommand === undefined || proxyCommand === "none" ? {} : { proxyCommand }),
  };
}

/** `[127.0.0.1]:2222` and `127.0.0.1` are the same host. */
export function plainHost(host: string): string {
  return host.replace(/^\[(.*)\](?::\d+)?$/, "$1");
}

/**
 * Tries the jump hosts one after another, each through those before it, for ssh says only that there was no answer. The first one that is
 * not reached, with what ssh said of it; undefined: all of them answer.
 */
export async function findSilentHop(ssh: Ssh, jumps: readonly Hop[]): Promise<SilentHop | undefined> {
  for (const [index, hop] of jumps.entries()) {
    const before = jumps.slice(0, index).map(({ name }) => name);
    const through = before.length === 0 ? [] : ["-J", before.join(",")];
    const { stderr, exitCode } = await ssh([...through, ...PROBE, "--", urlOf(hop.name), "true"]);
    if (exitCode !== 255) continue;
    // It may be reached through others by its own configuration.
    const own = before.length === 0 ? (await readWay(ssh, urlOf(hop.name))).jumps : [];
    return (await findSilentHop(ssh, own)) ?? { name: hop.name, stderr };
  }
  return undefined;
}

export interface SilentHop {
  /** As the user writes it. */
  readonly name: string;
  readonly stderr: string;
}

export function sshOf(env: NodeJS.ProcessEnv, base: readonly string[], signal: AbortSignal | undefined): Ssh {
  return async (args) => {
    // What is asked for here comes first, since ssh takes the first value of a setting.
    const split = args.indexOf("--");
    const argv = ["ssh", ...args.slice(0, split), ...base, ...args.slice(split)] as const;
    return run([...argv], { env, signal, timeoutMs: 30_000 });
  };
}

// --- internal ---

/** A hop that answers at all answers soon. */
const PROBE = ["-o", "ConnectTimeout=4", "-o", "ControlPath=none"];

async function settingsOf(ssh: Ssh, name: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await ssh(["-G", "--", name]);
  const lines = stdout.split("\n").map((line) => line.split(/ (.*)/s));
  return new Map(lines.map(([key = "", value = ""]): [string, string] => [key, value]));
}

function splitJumps(value: string | undefined): string[] {
  return value === undefined || value === "none" ? [] : value.split(",");
}

async function hopOf(ssh: Ssh, name: string): Promise<Hop> {
  return { name, host: (await settingsOf(ssh, urlOf(name))).get("hostname") ?? name };
}

/** A jump host is written with its port, which ssh takes only in this form. */
function urlOf(name: string): string {
  return name.startsWith("ssh://") ? name : `ssh://${name}`;
}
