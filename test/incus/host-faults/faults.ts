/**
 * What can go wrong while a host is switched. Each is struck on a machine that runs the old system, while floe brings a new one; what it
 * runs, what it boots and floe's exit code are the contract (docs/hosts.md).
 */
import { firnSystem } from "../../support/firn-system.ts";
import type { FloeResult } from "../../support/floe.ts";
import { type Bench, type Edit, type HostName, mark } from "./bench.ts";

export interface Fault {
  readonly name: string;
  /** Much like another, or seen elsewhere too, and slow: only with FLOE_FAULTS=all. */
  readonly isThorough?: true;
  /** Default crown. */
  readonly host?: HostName;
  /** How the new system differs. Default: `harmless`. */
  readonly edit?: Edit;
  /** Runs floe, and whatever happens meanwhile. Default: `floe switch` of the host, undisturbed. */
  readonly act?: (bench: Bench, host: HostName) => Promise<FloeResult>;
  /** Makes good what `reset` cannot know of. */
  readonly mend?: (bench: Bench) => Promise<void>;
  readonly expect: {
    readonly runs: string;
    readonly boots: string;
    readonly exitCode: number | null;
    readonly says?: RegExp;
  };
}

const done = { runs: "new", boots: "new", exitCode: 0 } as const;
const back = { runs: "old", boots: "old", exitCode: 4 } as const;
const refused = { runs: "old", boots: "old", exitCode: 1 } as const;
/** A change that does no harm. */
export const harmless: Edit = { environment: `etc: { lab: { text: "new" } },` };

/** Longer than a machine waits to be confirmed. */
const FOR_GOOD_MS = 14_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const crownOf = ({ lab }: Bench) => lab.machines.crown;
export const switchTo = (host: HostName) => ["switch", host, "--yes"];

/** Something happens once the activation is at its mark. */
const whenMarked =
  (happens: (bench: Bench) => Promise<unknown>): NonNullable<Fault["act"]> =>
  async (bench, host) => {
    const run = bench.start(switchTo(host));
    await Promise.race([bench.untilMarked(host), run.ended]);
    const [result] = await Promise.all([run.ended, happens(bench)]);
    return result;
  };

export const faults: readonly Fault[] = [
  { name: "nothing goes wrong", expect: done },
  {
    name: "the connection drops during the activation",
    edit: { steps: mark(3) },
    act: whenMarked((bench) => crownOf(bench).dropConnections()),
    expect: done,
  },
  {
    name: "the network is away for 3 s during the activation",
    isThorough: true,
    edit: { steps: mark(2) },
    act: whenMarked(async (bench) => {
      await crownOf(bench).cutNetwork();
      await pause(3_000);
      await crownOf(bench).restoreNetwork();
    }),
    expect: done,
  },
  {
    name: "the network is away for longer than the machine waits",
    isThorough: true,
    edit: { steps: mark(1) },
    act: whenMarked(async (bench) => {
      await crownOf(bench).cutNetwork();
      await pause(FOR_GOOD_MS);
      await crownOf(bench).restoreNetwork();
    }),
    expect: back,
  },
  {
    name: "floe is killed during the activation",
    isThorough: true,
    edit: { steps: mark(2) },
    async act(bench, host) {
      const run = bench.start(switchTo(host));
      await Promise.race([bench.untilMarked(host), run.ended]);
      run.kill("SIGKILL");
      const result = await run.ended;
      await pause(FOR_GOOD_MS);
      return result;
    },
    expect: { ...back, exitCode: null },
  },
  {
    name: "a configuration that stops sshd",
    edit: {
      steps: `zz: { deps: ["reach"], text: "/usr/bin/systemctl stop ssh.service; /usr/bin/pkill -KILL -f '^sshd: .*@'" },`,
    },
    expect: back,
  },
  {
    name: "a configuration that takes the network down",
    edit: { steps: `zz: { deps: ["reach"], text: "/usr/sbin/ip link set eth0 down" },` },
    expect: back,
  },
  {
    name: "a switch script that fails half-way",
    edit: { steps: `boom: "echo half of it; false",` },
    expect: { ...back, says: /boom/ },
  },
  {
    name: "a unit that cannot start",
    isThorough: true,
    edit: { services: `crash: { script: "echo oh; exit 3", restart: "no" },` },
    expect: { ...back, says: /crash/ },
  },
  {
    name: "a unit that fails after the switch",
    edit: { services: `late: { script: "sleep 0.8; exit 3", restart: "no" },` },
    expect: { ...back, says: /late/ },
  },
  {
    name: "the disk is too small for the copy",
    edit: {
      environment: `etc: { ballast: { source: pkgs.runCommand("ballast", {}, "yes ballast | head -c 9000000 > $out") } },`,
    },
    async act(bench, host) {
      await crownOf(bench).fillDisk(2_000_000);
      return bench.floe(switchTo(host));
    },
    mend: (bench) => crownOf(bench).freeDisk(),
    expect: { ...refused, says: /too small/ },
  },
  {
    // Many small files take more room than is known before.
    name: "the disk is full during the copy",
    edit: {
      environment: `etc: { ballast: { source: pkgs.runCommand("ballast", {}, "mkdir $out; for n in $(seq 3000); do echo $n > $out/$n; done") } },`,
    },
    async act(bench, host) {
      await crownOf(bench).fillDisk(5_000_000);
      return bench.floe(switchTo(host));
    },
    mend: (bench) => crownOf(bench).freeDisk(),
    expect: { ...refused, says: /No space left|disk/ },
  },
  {
    name: "the activation takes more memory than there is",
    edit: { steps: `greedy: "head -c 900000000 /dev/zero | tail -c 899999999 > /dev/null",` },
    expect: back,
  },
  {
    name: "sudo with a password",
    host: "atlas",
    act: (bench, host) => bench.type(switchTo(host), bench.lab.machines.atlas.password ?? ""),
    expect: done,
  },
  {
    name: "sudo with a wrong password",
    isThorough: true,
    host: "atlas",
    act: (bench, host) => bench.type(switchTo(host), "not it"),
    expect: { ...refused, says: /refused the password/ },
  },
  { name: "sudo with a password and nobody to type it", host: "atlas", expect: { ...refused, says: /password/ } },
  { name: "through a jump host", host: "inner", expect: done },
  {
    name: "the jump host is away",
    isThorough: true,
    host: "inner",
    async act(bench, host) {
      await crownOf(bench).cutNetwork();
      const result = await bench.floe(switchTo(host));
      await crownOf(bench).restoreNetwork();
      return result;
    },
    expect: { ...refused, says: /crown/ },
  },
  {
    name: "two floes at once: the second",
    edit: { steps: mark(4) },
    async act(bench, host) {
      const first = bench.start(switchTo(host));
      await Promise.race([bench.untilMarked(host), first.ended]);
      const elsewhere = await bench.elsewhere();
      const second = await elsewhere.floe(switchTo(host));
      const { exitCode, stderr } = await first.ended;
      await elsewhere.remove();
      if (exitCode !== 0) throw new Error(`The first ended with ${exitCode}: ${stderr}`);
      return second;
    },
    expect: { ...done, exitCode: 1, says: /held|switched|locked|other/i },
  },
  {
    name: "two floes at once in one folder: the second",
    isThorough: true,
    edit: { steps: mark(4) },
    async act(bench, host) {
      const first = bench.start(switchTo(host));
      await Promise.race([bench.untilMarked(host), first.ended]);
      const second = await bench.floe(switchTo(host));
      const { exitCode, stderr } = await first.ended;
      if (exitCode !== 0) throw new Error(`The first ended with ${exitCode}: ${stderr}`);
      return second;
    },
    expect: { ...done, exitCode: 1, says: /Another floe is at work/ },
  },
  {
    name: "somebody else deployed",
    async act(bench, host) {
      await crownOf(bench).installSystem(await firnSystem({ hostName: "crown", config: `system.name = "foreign";` }));
      return bench.floe(switchTo(host));
    },
    expect: { runs: "foreign", boots: "foreign", exitCode: 1, says: /--adopt/ },
  },
  {
    name: "the machine reboots in the middle",
    edit: { steps: mark(6) },
    act: whenMarked(async (bench) => {
      await crownOf(bench).sh("rm /run/lab-mark");
      await crownOf(bench).reboot("power");
    }),
    expect: done,
  },
  {
    name: "its clock is 3 hours ahead",
    async act(bench, host) {
      await crownOf(bench).setClock("+3h");
      return bench.floe(switchTo(host));
    },
    mend: (bench) => crownOf(bench).setClock(null),
    expect: done,
  },
  {
    name: "its clock is 3 hours behind",
    isThorough: true,
    async act(bench, host) {
      await crownOf(bench).setClock("-3h");
      return bench.floe(switchTo(host));
    },
    mend: (bench) => crownOf(bench).setClock(null),
    expect: done,
  },
  {
    name: "another machine under its address",
    async act(bench, host) {
      await bench.lab.redirect("crown", "atlas");
      return bench.floe(switchTo(host));
    },
    mend: (bench) => bench.lab.redirect("crown", null),
    expect: { ...refused, says: /atlas/ },
  },
  {
    name: "another host key",
    async act(bench, host) {
      await bench.lab.setKnownKey("crown", "other");
      return bench.floe(switchTo(host));
    },
    mend: (bench) => bench.lab.setKnownKey("crown", "own"),
    expect: { ...refused, says: /key/ },
  },
];
