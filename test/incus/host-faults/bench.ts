/** A fleet of three hosts on real machines, as floe left them: what each fault begins with, and what is read afterwards. */
import { cp } from "node:fs/promises";
import path from "node:path";
import { addFirnBase, firnSystem } from "../../support/firn-system.ts";
import { type FloeResult, type FloeRun, floe, startFloe } from "../../support/floe.ts";
import type { TestIncus } from "../../support/incus.ts";
import { type SshLab, type SshMachine, sshLab } from "../../support/ssh-machine.ts";
import { type TempProject, tempProject } from "../../support/temp-project.ts";
import { inTerminal } from "../../support/terminal.ts";

/** `crown` is reached as root, `atlas` by who has to type a password, `inner` through crown. */
export type HostName = "crown" | "atlas" | "inner";
const NAMES: readonly HostName[] = ["crown", "atlas", "inner"];

/** What a host's file says beside what all of them say, each in TypeScript. */
export interface Edit {
  /** Steps of the activation. */
  readonly steps?: string;
  readonly services?: string;
  readonly environment?: string;
}

/** What runs on a machine, and what boots. */
export interface Standing {
  readonly runs: string;
  readonly boots: string;
}

export interface Bench {
  readonly lab: SshLab<HostName>;
  readonly root: string;
  edit(name: HostName, edit: Edit): Promise<void>;
  floe(args: readonly string[], input?: string): Promise<FloeResult>;
  start(args: readonly string[]): FloeRun;
  /** Somebody else with the same project, in a folder of their own. */
  elsewhere(): Promise<Pick<Bench, "floe" | "remove">>;
  /** In a terminal, where the password is typed when it is asked for. */
  type(args: readonly string[], password: string): Promise<FloeResult>;
  /** Resolves when an activation has come to its `mark`. */
  untilMarked(name: HostName): Promise<void>;
  /** `old`: what `reset` leaves; `new`: the system of another closure that floe made. */
  standing(name: HostName): Promise<Standing>;
  /** The machine as the first switch left it, and its file as it was for that. */
  reset(name: HostName): Promise<void>;
  remove(): Promise<void>;
}

/** A step of the activation that tells that it is there, and takes its time. */
export const mark = (seconds: number): string => `mark: "touch /run/lab-mark; sleep ${seconds}",`;

/** @throws Error when the first switch of any of them fails */
export async function makeBench(incus: TestIncus): Promise<Bench> {
  await addFirnBase();
  const lab = await sshLab(incus, {
    crown: { memory: "384MiB" },
    atlas: { elevation: "sudo-password" },
    inner: { jump: "crown", elevation: "sudo" },
  });
  const project = await tempProject({ "floe.config.ts": fleetFile(incus.project) });
  await cp(path.resolve(import.meta.dirname, "../../../firn"), path.join(project.root, "firn"), { recursive: true });
  const bench = benchOf(lab, project);
  try {
    for (const name of NAMES) await firstSwitch(bench, name);
  } catch (error) {
    await bench.remove();
    throw error;
  }
  return bench;
}

// --- internal ---

/** What a machine is brought back to. */
interface Before {
  readonly system: string;
  readonly generation: string;
}

/** A machine that somebody set up by hand becomes the fleet's. */
async function firstSwitch(bench: Bench, name: HostName): Promise<void> {
  const machine = bench.lab.machines[name];
  await bench.edit(name, {});
  await machine.installSystem(await firnSystem({ hostName: name }));
  const args = ["switch", name, "--adopt", "--yes"];
  const { password } = machine;
  const { exitCode, stdout, stderr } = await (password === undefined ? bench.floe(args) : bench.type(args, password));
  if (exitCode !== 0) throw new Error(`The first switch of ${name} ended with ${exitCode}:\n${stdout}\n${stderr}`);
  await bench.reset(name);
}

function benchOf(lab: SshLab<HostName>, { root, write, remove }: TempProject): Bench {
  const before = new Map<HostName, Before>();
  const edit: Bench["edit"] = async (name, more) => void (await write(`hosts/${name}.ts`, hostFile(name, more)));
  return {
    lab,
    root,
    edit,
    floe: (args, input) => floe(root, args, lab.env, input),
    start: (args) => startFloe(root, args, lab.env),
    async elsewhere() {
      const copy = await tempProject({}, root);
      return { floe: (args, input) => floe(copy.root, args, lab.env, input), remove: () => copy.remove() };
    },
    async type(args, password) {
      const floeArgv = [process.execPath, path.resolve(import.meta.dirname, "../../../dist/bin.mjs"), ...args];
      const answers = ["Password of", "not right", "not right"].map((to) => ({ to, type: password }));
      const { exitCode, screen } = await inTerminal(floeArgv, { cwd: root, env: lab.env, answers });
      return { exitCode, stdout: screen, stderr: "" };
    },
    async untilMarked(name) {
      await lab.machines[name].sh(
        "n=0; until [ -e /run/lab-mark ] || [ $n -gt 600 ]; do n=$((n + 1)); sleep 0.05; done; [ -e /run/lab-mark ]",
      );
    },
    async standing(name) {
      const { current, profile, boot } = await lab.machines[name].systemOf();
      const old = before.get(name)?.system;
      const word = (system: string | undefined): string => {
        if (system === undefined) return "nothing";
        return system === old ? "old" : /nixos-system-foreign-/.test(system) ? "foreign" : "new";
      };
      return { runs: word(current), boots: profile === boot ? word(boot) : `${word(boot)}, profile ${word(profile)}` };
    },
    async reset(name) {
      await edit(name, {});
      const machine = lab.machines[name];
      await machine.restoreNetwork();
      const was = before.get(name);
      if (was === undefined) before.set(name, await noteBefore(machine));
      else await bringBack(machine, was);
    },
    async remove() {
      await lab.remove();
      await remove();
    },
  };
}

async function noteBefore(machine: SshMachine): Promise<Before> {
  const { current, boot, profile } = await machine.systemOf();
  if (current === undefined || boot !== current || profile !== current)
    throw new Error(`The first switch of ${machine.name} left it with ${current}, ${boot}, ${profile}`);
  return { system: current, generation: await machine.sh("readlink /nix/var/nix/profiles/system | tr -cd 0-9") };
}

async function bringBack(machine: SshMachine, { system, generation }: Before): Promise<void> {
  // A machine that has just booted may still be at it.
  await machine.sh(`flock /run/nixos/switch-to-configuration.lock rm -f /run/lab-mark
    nix-env --profile /nix/var/nix/profiles/system --switch-generation ${generation}
    ${system}/bin/switch-to-configuration switch`);
}

const fleetFile = (name: string) => `import { dir, fleet } from "floe";
export default fleet({ name: "${name}", description: "", inputs: { nixpkgs: dir("./firn") }, hosts: dir("./hosts") });
`;

/** Each activation of a system that works mends what one that does not has broken, as sshd and the network are NixOS' to start. */
const hostFile = (
  name: HostName,
  { steps = "", services = "", environment = "" }: Edit,
) => `import { host } from "floe";
export default host({ system: "x86_64-linux", target: "${name}", confirm: "8s" }, ({ pkgs }) => ({
  networking: { hostName: "${name}" },
  services: { beat: { script: "exec sleep 1000000" }, ${services} },
  environment: { systemPackages: [pkgs.hello], ${environment} },
  system: {
    stateVersion: "26.05",
    activationScripts: {
      reach: "/usr/sbin/ip link set eth0 up; /usr/bin/systemctl start ssh.service",
      ${steps}
    },
  },
}));
`;
