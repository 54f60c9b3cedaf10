/** The ways to the fleet's hosts: programs on this machine, and with `ask` the machines themselves. */
import { hostname } from "node:os";
import { FloeError } from "../errors.ts";
import { openMachine } from "../machine/open.ts";
import { parseTarget } from "../machine/target.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import { connectServer } from "../remotes/connect-server.ts";
import { defined } from "../util/defined.ts";
import { mapLimit } from "../util/map-limit.ts";
import { type Finding, finding } from "./finding.ts";
import { isOnPath } from "./machine.ts";

export interface HostsOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Connect to each of them. */
  readonly ask: boolean;
  readonly signal: AbortSignal;
}

export async function checkHosts(fleet: Fleet, options: HostsOptions): Promise<Finding[]> {
  const hosts = Object.values(fleet.hosts);
  const asked = options.ask ? await mapLimit(hosts, 8, (host) => askHost(fleet, host, options)) : [];
  return [...checkSsh(fleet, options.env), ...checkRoot(hosts, options.env), ...asked];
}

// --- internal ---

/** Long enough for a machine that is far away. */
const timeoutMs = 20_000;

function checkSsh(fleet: Fleet, env: NodeJS.ProcessEnv): Finding[] {
  const say = finding("hosts", "ssh");
  const isNeeded =
    Object.values(fleet.hosts).some(({ target }) => target !== undefined && parseTarget(target).kind === "ssh") ||
    (fleet.builders?.length ?? 0) > 0 ||
    (fleet.pushTo ?? []).some(({ url }) => /^ssh(-ng)?:/.test(url));
  if (!isNeeded) return [];
  return [
    isOnPath("ssh", env)
      ? say("ok", "ssh")
      : say("fail", "ssh is not installed: hosts cannot be reached", "apt-get install openssh-client"),
  ];
}

/** This machine is switched as root. */
function checkRoot(hosts: readonly Host[], env: NodeJS.ProcessEnv): Finding[] {
  const here = hosts.find(({ name, target }) => target === "local" || (target === undefined && name === hostname()));
  if (here === undefined || process.getuid?.() === 0) return [];
  const say = finding("hosts", "root");
  const wanted = here.elevation === undefined ? ["sudo", "doas", "run0"] : [here.elevation];
  const found = wanted.filter((program) => isOnPath(program, env));
  return [
    found.length > 0
      ? say("ok", `${found[0]} to switch this machine`)
      : say(
          "fail",
          `There is no ${wanted.join(", ")}: floe switch ${here.name} cannot become root`,
          "Run it as root, or install sudo",
        ),
  ];
}

async function askHost(fleet: Fleet, host: Host, { env, signal }: HostsOptions): Promise<Finding> {
  const say = finding("hosts", host.name);
  const target = host.target ?? (host.name === hostname() ? "local" : undefined);
  if (target === undefined) return say("info", `${host.name} has no target: it is reached only from itself`);
  const connectIncus = async (name: string) => {
    const server = fleet.servers[name];
    if (server === undefined) throw new FloeError(`The fleet has no server "${name}"`);
    return connectServer(server, { signal });
  };
  const options = { env, connectIncus, ...defined({ elevation: host.elevation }) };
  let machine: ReturnType<typeof openMachine> | undefined;
  try {
    machine = openMachine(host.name, parseTarget(target), options);
    const command = [
      "sh",
      "-c",
      "command -v nix >/dev/null || [ -x /run/current-system/sw/bin/nix ] && id -un",
    ] as const;
    const { exitCode, stdout } = await machine.run([...command], { repeatable: true, timeoutMs, signal });
    if (exitCode !== 0)
      return say(
        "warn",
        `${host.name} (${machine.where}) has no nix: nothing can be copied to it`,
        "Install Nix or NixOS there",
      );
    return say("ok", `${host.name}: ${machine.where} answers, as ${stdout.trim()}`);
  } catch (error) {
    if (!(error instanceof FloeError) || signal.aborted) throw error;
    return say("fail", `${host.name}: ${error.message}`, error.hint ?? `ssh ${target} true`);
  } finally {
    await machine?.close();
  }
}
