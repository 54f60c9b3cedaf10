/** An sshd of this machine's own for one test file: on a free port of the loopback, with keys and a client's configuration in a temp folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { freePort } from "./ports.ts";
import { run } from "./run.ts";

const SSHD = "/usr/sbin/sshd";

export interface LoopbackSshd {
  readonly port: number;
  readonly folder: string;
  /** As a user of this machine. */
  readonly user: string;
  /** For floe: `test-machine` leads here, and connections end with floe. */
  readonly env: NodeJS.ProcessEnv;
  readonly knownHosts: string;
  /** Connections that were accepted so far. */
  accepted(): number;
  /** Replaces the client's configuration; without an argument: as it was. */
  configure(extra?: string): Promise<void>;
  /** Ends all connections, and takes no new ones until it is started again. */
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** For `describe.skipIf`: true where there is no sshd or this is not root, unless FLOE_REQUIRE demands it. */
export function skipSshd(): boolean {
  if (existsSync(SSHD) && process.getuid?.() === 0) return false;
  if ((process.env["FLOE_REQUIRE"] ?? "").split(",").includes("incus")) return false;
  console.warn("Skipped: no sshd of one's own. It needs root and the package openssh-server");
  return true;
}

export async function loopbackSshd(options: { readonly server?: string } = {}): Promise<LoopbackSshd> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "floe-sshd-"));
  const file = (name: string) => path.join(folder, name);
  const port = await freePort();
  await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  for (const key of ["host", "id"])
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a test of floe", "-f", file(key)]);
  await writeFile(file("authorized"), await readFile(file("id.pub"), "utf8"));
  await writeFile(
    file("sshd_config"),
    `Port ${port}
ListenAddress 127.0.0.1
ListenAddress 127.0.0.2
HostKey ${file("host")}
AuthorizedKeysFile ${file("authorized")}
PidFile ${file("pid")}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
StrictModes no
UsePAM no
UseDNS no
${options.server ?? ""}
`,
  );
  const knownHosts = file("known_hosts");
  await writeFile(knownHosts, `[127.0.0.1]:${port} ${await readFile(file("host.pub"), "utf8")}`);
  const configure = async (extra = "") =>
    writeFile(
      file("config"),
      `${extra}
Host test-machine
  HostName 127.0.0.1
  Port ${port}
  User root
Host *
  IdentityFile ${file("id")}
  IdentitiesOnly yes
  UserKnownHostsFile ${knownHosts}
  GlobalKnownHostsFile /dev/null
`,
    );
  await configure();
  const { SSH_AUTH_SOCK: _agent, ...environment } = process.env;
  let server: ChildProcess | undefined;
  const start = async () => {
    const log = openSync(file("log"), "a");
    server = spawn(SSHD, ["-D", "-e", "-f", file("sshd_config")], { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    await untilOpen(port);
  };
  const stop = async () => {
    const ended = server && new Promise((resolve) => server?.once("exit", resolve));
    await run("pkill", ["-KILL", "--parent", String(server?.pid)]).catch(() => {});
    server?.kill("SIGKILL");
    await ended;
    server = undefined;
  };
  await start();
  return {
    port,
    folder,
    user: "root",
    env: { ...environment, NIX_SSHOPTS: `-F ${file("config")}`, FLOE_SSH_PERSIST: "0" },
    knownHosts,
    accepted: () => readFileSync(file("log"), "utf8").split("Accepted publickey").length - 1,
    configure,
    start,
    stop,
    async remove() {
      if (server) await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// --- internal ---

async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, "127.0.0.1", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`No sshd on port ${port}`);
}
