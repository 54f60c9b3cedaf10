/**
 * Machines for tests, as a person has them: Debian with systemd, sshd, sudo and Nix, in Incus, reached over a network of
 * their own, and managed as a NixOS is once a system of firn is switched in.
 *
 *     const lab = await sshLab(incus, { crown: {}, atlas: { elevation: "sudo-password" }, inner: { jump: "crown" } });
 *     await lab.machines.crown.installSystem(await firnSystem({ hostName: "crown" }));
 *     await run("ssh", ["crown", "hostname"], { env: lab.env });
 *     await run("nix", ["copy", "--no-check-sigs", "--to", "ssh-ng://crown", path], { env: lab.env });
 *     await lab.remove();
 *
 * A machine's name is its host name, its Incus instance and its alias in the ssh config. `lab.env` is the environment for
 * floe's process: a wrapper before the real ssh on PATH reads the lab's ssh config in place of the user's, there is no agent, and
 * connections end with floe. In this process: `process.env.PATH = lab.env.PATH`, and FLOE_SSH_PERSIST likewise.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { ExecResult, IncusClient } from "../../src/incus/types.ts";
import type { TestIncus } from "./incus.ts";
import { type LabNetwork, labNetwork, removeCable, setCable } from "./lab-network.ts";
import { type Elevating, machineImage, PASSWORD, USERS } from "./machine-image.ts";
import { run } from "./run.ts";
import { Sink } from "./sink.ts";

export interface MachineSpec {
  /** Who logs in: root where it is not given, else a user who becomes root in this way. */
  readonly elevation?: Elevating;
  /** Reached only through this machine of the lab. */
  readonly jump?: string;
  /** True: the user may bring unsigned paths into the store. root always may. */
  readonly trusted?: boolean;
  /** As Incus writes it, such as 300MiB: more is killed. */
  readonly memory?: string;
}

/** Store paths; undefined where there is none. */
export interface SystemState {
  /** /run/current-system. */
  readonly current: string | undefined;
  /** What the system profile leads to. */
  readonly profile: string | undefined;
  /** What the next boot starts: for firn on Debian a link, which is what a boot loader is elsewhere. */
  readonly boot: string | undefined;
}

export interface SshMachine {
  readonly name: string;
  readonly user: string;
  /** Of `user`, for sudo; undefined where none is asked for. */
  readonly password: string | undefined;
  readonly address: string;
  /** Runs a command as root through Incus, whatever has become of sshd and the network. */
  exec(argv: readonly string[]): Promise<ExecResult>;
  /** stdout of a script, without the spaces around it. @throws Error when it fails */
  sh(script: string): Promise<string>;
  systemOf(): Promise<SystemState>;
  /** Makes a built system of firn the machine's own: closure, system profile, `switch-to-configuration switch`. */
  installSystem(toplevel: string): Promise<void>;
  /** Puts the closure of a store path into the machine's store. */
  addClosure(storePath: string): Promise<void>;
  /** Takes the cable out: packets are lost and nobody is told. */
  cutNetwork(): Promise<void>;
  restoreNetwork(): Promise<void>;
  /** Ends the ssh connections that there are; new ones work. */
  dropConnections(): Promise<void>;
  /** Makes /nix a file system with so many bytes left, until `freeDisk`; a boot before that loses what was written meanwhile. */
  fillDisk(freeBytes: number): Promise<void>;
  freeDisk(): Promise<void>;
  /** Waits until sshd is back. `power`: as if the plug had been pulled. */
  reboot(how?: "clean" | "power"): Promise<void>;
  /** Who comes in over ssh, what they start and what systemd starts from now on see a clock that is wrong by this, such as `+3h`; null: right again. */
  setClock(offset: string | null): Promise<void>;
  /** Resolves when sshd runs. */
  untilReady(): Promise<void>;
}

export interface SshLab<Name extends string = string> {
  readonly machines: Readonly<Record<Name, SshMachine>>;
  readonly env: NodeJS.ProcessEnv;
  readonly sshConfig: string;
  readonly knownHosts: string;
  /** From now on the alias leads to another machine, whose key is known: as a name server that is wrong. Null: back. */
  redirect(name: Name, to: Name | null): Promise<void>;
  /** What is known of a machine's host key: its own, another one, or nothing. */
  setKnownKey(name: Name, key: "own" | "other" | "none"): Promise<void>;
  remove(): Promise<void>;
}

/** The machines run, and their sshd answers. */
export async function sshLab<Name extends string>(
  incus: TestIncus,
  specs: Readonly<Record<Name, MachineSpec>>,
): Promise<SshLab<Name>> {
  const image = await machineImage();
  if ((await incus.client.getImage(incus.project, image.fingerprint)) === undefined)
    await incus.client.uploadImage(incus.project, image);
  // Short: the path of a control socket below it must fit into 104 characters.
  const folder = await mkdtemp(path.join(os.tmpdir(), "floe-lab-"));
  const outer = await labNetwork();
  const entries = Object.entries<MachineSpec>(specs);
  const inner = entries.some(([, { jump }]) => jump !== undefined) ? await labNetwork({ reachable: false }) : undefined;
  await makeKey(path.join(folder, "id"));
  const publicKey = await readFile(path.join(folder, "id.pub"), "utf8");
  const places = entries.map(([name, spec], index): Place => {
    const isInner = spec.jump !== undefined;
    const isJump = entries.some(([, other]) => other.jump === name);
    const networks = inner === undefined ? [outer] : isInner ? [inner] : isJump ? [outer, inner] : [outer];
    return { name, spec, index, networks, folder };
  });
  const removeRest = async (): Promise<void> => {
    // Of a container that was killed one may be left.
    for (const place of places) for (const network of place.networks) await removeCable(cableOf(network, place));
    await outer.remove();
    await inner?.remove();
    await rm(folder, { recursive: true, force: true });
  };
  const making = places.map(async (place) => [
    place.name,
    await makeMachine(incus, place, publicKey, image.fingerprint),
  ]);
  const machines = Object.fromEntries(
    await Promise.all(making).catch(async (error: unknown) => {
      // The project takes the instances with it.
      await Promise.allSettled(making);
      await removeRest();
      throw error;
    }),
  ) as Record<Name, SshMachine>;
  const known = new Map(places.map((place) => [place.name, "own" as "own" | "other" | "none"]));
  const redirected = new Map<string, string>();
  const files = { config: path.join(folder, "config"), knownHosts: path.join(folder, "known_hosts") };
  const write = () => writeClientFiles({ folder, files, places, machines, known, redirected });
  await write();
  const bin = await writeWrapper(folder, files.config);
  const { SSH_AUTH_SOCK: _agent, ...environment } = process.env;
  return {
    machines,
    env: { ...environment, PATH: `${bin}:${process.env["PATH"]}`, FLOE_SSH_PERSIST: "0" },
    sshConfig: files.config,
    knownHosts: files.knownHosts,
    async redirect(name, to) {
      if (to === null) redirected.delete(name);
      else redirected.set(name, to);
      await write();
    },
    async setKnownKey(name, key) {
      known.set(name, key);
      await write();
    },
    async remove() {
      await Promise.all(
        places.map(async ({ name }) => {
          await incus.client.setInstanceState(incus.project, name, "stop", { force: true });
          await incus.client.deleteInstance(incus.project, name);
        }),
      );
      await removeRest();
    },
  };
}

// --- internal ---

interface Place {
  readonly name: string;
  readonly spec: MachineSpec;
  readonly index: number;
  /** The first one holds the address that leads to it. */
  readonly networks: readonly LabNetwork[];
  readonly folder: string;
}

const userOf = ({ elevation }: MachineSpec): string => (elevation === undefined ? "root" : USERS[elevation]);
const addressIn = (network: LabNetwork, { index }: Place): string => network.address(11 + index);
/** This machine's end of a cable. */
const cableOf = (network: LabNetwork, { index }: Place): string => `${network.bridge}m${index}`;

async function makeKey(file: string): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a test of floe", "-f", file]);
}

async function makeMachine(
  { client, project }: TestIncus,
  place: Place,
  publicKey: string,
  fingerprint: string,
): Promise<SshMachine> {
  const { name, spec, networks, folder } = place;
  const hostKey = path.join(folder, `host-${name}`);
  await makeKey(hostKey);
  const nics = networks.map((network, index) => [
    `eth${index}`,
    {
      type: "nic",
      nictype: "bridged",
      parent: network.bridge,
      name: `eth${index}`,
      host_name: cableOf(network, place),
    },
  ]);
  await client.createInstance(project, {
    name,
    type: "container",
    profiles: ["default"],
    config: {
      "security.nesting": "true",
      ...(spec.memory === undefined ? {} : { "limits.memory": spec.memory, "limits.memory.swap": "false" }),
    },
    devices: Object.fromEntries(nics),
    source: { type: "image", fingerprint },
  });
  const put = (file: string, text: string, mode: string) => client.putFile(project, name, file, text, { mode });
  await put("/etc/ssh/authorized_keys", publicKey, "0644");
  await put("/etc/ssh/ssh_host_ed25519_key", await readFile(hostKey, "utf8"), "0600");
  await put("/etc/hosts", `127.0.0.1 localhost\n127.0.1.1 ${name}\n`, "0644");
  await put("/etc/lab-network", networkScript(place), "0755");
  if (spec.trusted === true) {
    const settings = new TextDecoder().decode(await client.getFile(project, name, "/etc/nix/nix.conf"));
    await put("/etc/nix/nix.conf", settings.replace("trusted-users = root", `$& ${userOf(spec)}`), "0644");
  }
  await client.setInstanceState(project, name, "start");
  const machine = machineOf(client, project, place);
  await machine.untilReady();
  return machine;
}

function networkScript(place: Place): string {
  const lines = place.networks.flatMap((network, index) => [
    `ip link set eth${index} up`,
    `ip address replace ${addressIn(network, place)}/24 dev eth${index}`,
  ]);
  return `${["set -e", ...lines].join("\n")}\n`;
}

function machineOf(client: IncusClient, project: string, place: Place): SshMachine {
  const { name, spec } = place;
  const exec = (argv: readonly string[], signal?: AbortSignal) => client.exec(project, name, argv, { signal });
  const sh = async (script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await exec(["/bin/sh", "-c", script]);
    if (exitCode !== 0) throw new Error(`On ${name}, "${script}" ended with ${exitCode}: ${stderr || stdout}`);
    return stdout.trim();
  };
  const setCables = async (state: "up" | "down"): Promise<void> => {
    for (const network of place.networks) await setCable(cableOf(network, place), state);
  };
  const untilReady = () => untilSshd(exec, name);
  const addClosure = (storePath: string) => importClosure(client, project, name, storePath);
  return {
    name,
    user: userOf(spec),
    password: spec.elevation === "sudo-password" ? PASSWORD : undefined,
    address: addressIn(firstOf(place), place),
    exec,
    sh,
    systemOf: () => readSystem(sh),
    addClosure,
    async installSystem(toplevel) {
      await addClosure(toplevel);
      await sh(`nix-env --profile /nix/var/nix/profiles/system --set ${toplevel}`);
      await sh(`${toplevel}/bin/switch-to-configuration switch`);
      // As if this had been a boot.
      await sh(`ln -sfn ${toplevel} /run/booted-system`);
    },
    cutNetwork: () => setCables("down"),
    restoreNetwork: () => setCables("up"),
    // The one that listens has no "@" in its name.
    dropConnections: async () => void (await exec(["pkill", "-KILL", "-f", "^sshd: .*@"])),
    fillDisk: async (freeBytes) => void (await sh(fullDiskScript(freeBytes))),
    freeDisk: async () => void (await sh(FREE_DISK)),
    async reboot(how = "clean") {
      const state = (action: "stop" | "start" | "restart", options: object) =>
        client.setInstanceState(project, name, action, options);
      if (how === "clean") await state("restart", { timeoutMs: 30_000 });
      else {
        await state("stop", { force: true });
        await state("start", {});
        // Seen on a busy machine: Incus takes the end of the killed container for one of the new, and stops that.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        await state("start", {});
      }
      await untilReady();
    },
    setClock: async (offset) => void (await sh(clockScript(offset))),
    untilReady,
  };
}

function firstOf({ name, networks: [first] }: Place): LabNetwork {
  if (first === undefined) throw new Error(`The machine ${name} has no network`);
  return first;
}

/** Some 2 s; a busy machine takes longer. */
async function untilSshd(
  exec: (argv: readonly string[], signal: AbortSignal) => Promise<ExecResult>,
  name: string,
): Promise<void> {
  const deadline = Date.now() + 180_000;
  for (;;) {
    const script = "systemctl is-active --quiet lab-network ssh && ss -ltn | grep -q :22";
    // While it starts there is nothing to run it in, or what is begun never answers.
    const answer = await exec(["/bin/sh", "-c", script], AbortSignal.timeout(5_000)).catch(() => undefined);
    if (answer?.exitCode === 0) return;
    if (Date.now() > deadline) throw new Error(`sshd of ${name} did not start within 3 minutes: ${answer?.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function readSystem(sh: SshMachine["sh"]): Promise<SystemState> {
  const text = await sh(`
    for link in /run/current-system /nix/var/nix/profiles/system /etc/firn-boot; do
      case $(readlink -f "$link") in /nix/store/*) readlink -f "$link" ;; *) echo none ;; esac
    done`);
  const [current, profile, boot] = text.split("\n").map((line) => (line === "none" ? undefined : line));
  return { current, profile, boot };
}

/** Puts the closure of a store path into the store of an instance. */
export async function importClosure(
  client: IncusClient,
  project: string,
  name: string,
  storePath: string,
): Promise<void> {
  const closure = (await run("nix-store", ["--query", "--requisites", storePath])).trim().split("\n");
  const sending = spawn("nix-store", ["--export", ...closure], { stdio: ["ignore", "pipe", "inherit"] });
  // Node throws away what nobody reads of a process that has ended, and the connection takes a moment.
  const stdin = sending.stdout.pipe(new PassThrough());
  const said = new Sink();
  const [exported, imported] = await Promise.all([
    exitOf(sending),
    client.execStream(project, name, ["nix-store", "--import"], {
      stdin,
      stdout: new Sink(),
      stderr: said,
    }),
  ]);
  if (exported !== 0 || imported !== 0)
    throw new Error(`Cannot put ${storePath} into the store of ${name}: ${said.text()}`);
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

/** Who already works in the old /nix goes on there; the daemon starts anew in the small one. */
const fullDiskScript = (freeBytes: number) => `set -e
systemctl stop nix-daemon.socket nix-daemon.service
mkdir -p /run/small
mount -t tmpfs -o mode=755 small /run/small
cp -a /nix/. /run/small
used=$(df --block-size=1 --output=used /run/small | tail -n 1)
mount -o remount,size=$((used + ${freeBytes})) /run/small
mount --bind /run/small /nix
umount /run/small
systemctl start nix-daemon.socket
`;

/** What was written meanwhile goes back to where a boot finds it. */
const FREE_DISK = `set -e
mount -o remount,size=0 /nix
systemctl stop nix-daemon.socket nix-daemon.service
mkdir -p /run/root
mount --bind / /run/root
cp -a --no-clobber /nix/store /run/root/nix/
rm -rf /run/root/nix/var
cp -a /nix/var /run/root/nix/
umount /run/root
umount --lazy /nix
systemctl start nix-daemon.socket
`;

/** All containers of a kernel share its clock, so a library lies to programs. Not to those of systemd, whose timers it breaks. */
const clockScript = (offset: string | null) => `set -e
mkdir -p /etc/systemd/system.conf.d
rm -f /etc/systemd/system.conf.d/clock.conf /etc/ssh/sshd_config.d/clock.conf
sed -i /faketime/d /etc/environment 2>/dev/null || true
${
  offset === null
    ? ""
    : `library=$(echo /usr/lib/*/faketime/libfaketime.so.1)
[ -e "$library" ]
environment="LD_PRELOAD=$library FAKETIME=${offset} FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_SKIP_CMDS=systemd-run,systemctl,journalctl"
printf '[Manager]\\nDefaultEnvironment=%s\\n' "$environment" >/etc/systemd/system.conf.d/clock.conf
echo "SetEnv $environment" >/etc/ssh/sshd_config.d/clock.conf
for setting in $environment; do echo "$setting # faketime"; done >>/etc/environment`
}
systemctl daemon-reexec
systemctl stop nix-daemon.socket nix-daemon.service
systemctl restart ssh nix-daemon.socket
`;

interface ClientFiles {
  readonly folder: string;
  readonly files: { readonly config: string; readonly knownHosts: string };
  readonly places: readonly Place[];
  readonly machines: Readonly<Record<string, SshMachine>>;
  readonly known: ReadonlyMap<string, "own" | "other" | "none">;
  readonly redirected: ReadonlyMap<string, string>;
}

async function writeClientFiles({ folder, files, places, machines, known, redirected }: ClientFiles): Promise<void> {
  const hosts = places.map(({ name, spec }) => {
    const lines = [
      `Host ${name}`,
      `  HostName ${machines[redirected.get(name) ?? name]?.address}`,
      `  User ${userOf(spec)}`,
      ...(spec.jump === undefined ? [] : [`  ProxyJump ${spec.jump}`]),
    ];
    return `${lines.join("\n")}\n`;
  });
  const all = [
    "Host *",
    `  IdentityFile ${folder}/id`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile ${files.knownHosts}`,
    "  GlobalKnownHostsFile none",
    "  StrictHostKeyChecking yes",
    "  UpdateHostKeys no",
  ];
  await writeFile(files.config, `${[...hosts, all.join("\n")].join("\n")}\n`);
  const keys = places.flatMap(({ name }) => {
    const state = known.get(name);
    if (state === "none") return [];
    return [
      readFile(path.join(folder, state === "own" ? `host-${name}.pub` : "id.pub"), "utf8").then(
        (key) => `${machines[name]?.address} ${key}`,
      ),
    ];
  });
  await writeFile(files.knownHosts, (await Promise.all(keys)).join(""));
}

async function writeWrapper(folder: string, config: string): Promise<string> {
  const bin = path.join(folder, "bin");
  const ssh = (await run("sh", ["-c", "command -v ssh"])).trim();
  await run("mkdir", [bin]);
  await writeFile(path.join(bin, "ssh"), `#!/bin/sh\nexec ${ssh} -F ${config} "$@"\n`, { mode: 0o755 });
  return bin;
}
