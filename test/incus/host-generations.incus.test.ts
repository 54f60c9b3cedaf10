/** History, rollback and cleaning up of hosts, on real machines over SSH, with the built command. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectGarbage, planGc } from "../../src/generations/gc.ts";
import { droppedOf } from "../../src/generations/gc-plan.ts";
import { openMachine } from "../../src/machine/open.ts";
import { addFirnBase, firnSystem } from "../support/firn-system.ts";
import { type FloeResult, floe, startFloe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { type SshLab, type SshMachine, sshLab } from "../support/ssh-machine.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

interface Generation {
  readonly number: number;
  readonly system: string;
  readonly version?: string;
  readonly revision?: string;
  readonly kernel?: string;
  readonly by?: string;
  readonly isCurrent: boolean;
  readonly isBooted: boolean;
  readonly isNext: boolean;
  readonly isFailed?: boolean;
  readonly sameAs?: number;
  readonly packages?: {
    readonly since: number;
    readonly changes: readonly { readonly name: string; readonly kind: string }[];
  };
}

describe.skipIf(skipIncus() || skipMachines())("generations of hosts", { timeout: 180_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"crown" | "atlas">;
  let project: TempProject;
  let crown: SshMachine;
  const systems: string[] = [];
  const run = (...args: string[]): Promise<FloeResult> => floe(project.root, args, { ...lab.env, USER: "tester" });
  const json = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { stdout, stderr, exitCode } = await run(...args, "--json");
    const last = stdout.trimEnd().split("\n").at(-1) ?? "";
    if (last === "") throw new Error(`floe ${args.join(" ")} ended with ${exitCode}: ${stderr}`);
    return JSON.parse(last) as Record<string, unknown>;
  };
  const generations = async (name: string): Promise<Generation[]> =>
    (await json("history", name)).generations as Generation[];
  const links = async (machine: SshMachine): Promise<string[]> =>
    (await machine.sh("cd /nix/var/nix/profiles; ls -d system-*-link | sort -V")).split("\n");

  beforeAll(async () => {
    await addFirnBase();
    incus = await testIncus();
    lab = await sshLab(incus, { crown: {}, atlas: { elevation: "sudo" } });
    crown = lab.machines.crown;
    const hello = (version: string) =>
      `environment.systemPackages = [ (pkgs.hello.override { version = "${version}"; }) ];`;
    const beat = `services.beat.script = "exec sleep 1000000";`;
    const rev = (digit: string) => `system.configurationRevision = "${digit.repeat(40)}";`;
    const configs = [
      `${hello("1.0")} ${rev("a")}`,
      `${hello("1.1")} ${rev("b")} ${beat}`,
      `${hello("1.2")} ${rev("c")} ${beat} boot.kernelPackages = pkgs.linuxPackages_latest;`,
    ];
    for (const config of configs) systems.push(await firnSystem({ hostName: "crown", config }));
    for (const system of systems) await crown.installSystem(system);
    await lab.machines.atlas.installSystem(await firnSystem({ hostName: "atlas", config: hello("1.0") }));
    await lab.machines.atlas.installSystem(await firnSystem({ hostName: "atlas", config: hello("1.1") }));
    project = await tempProject({
      "floe.config.ts": `import { fleet, dir } from "floe";
export default fleet({ name: "lab", inputs: { nixpkgs: "github:nixos/nixpkgs" }, hosts: dir("./hosts") });`,
      "hosts/crown.ts": `import { host } from "floe";
export default host({ target: "crown", tags: ["lab"], confirm: "10s", health: [{ exec: ["test", "!", "-e", "/run/sick"], within: "5s" }] }, { networking: { hostName: "crown" } });`,
      "hosts/atlas.ts": `import { host } from "floe";
export default host({ target: "atlas", tags: ["lab"], keep: 1 }, { networking: { hostName: "atlas" } });`,
      "hosts/gone.ts": `import { host } from "floe";
export default host({ target: "root@192.0.2.1", tags: ["away"] }, { networking: { hostName: "gone" } });`,
    });
  }, 300_000);
  afterAll(async () => {
    await lab?.remove();
    await incus?.remove();
    await project?.remove();
  });

  test("history tells of each generation what it was and what changed", async () => {
    const found = await generations("crown");
    expect(found.map(({ number, system }) => ({ number, system }))).toEqual(
      systems.map((system, index) => ({ number: index + 1, system })).reverse(),
    );
    const [third, second, first] = found;
    expect(third).toMatchObject({
      kernel: "6.18.2",
      revision: "c".repeat(40),
      isCurrent: true,
      isBooted: true,
      isNext: true,
    });
    expect(second).toMatchObject({ kernel: "6.12.9", isCurrent: false, isBooted: false, isNext: false });
    expect(third?.packages?.since).toBe(2);
    const changed = third?.packages?.changes.map(({ name, kind }) => `${name} ${kind}`);
    expect(changed).toEqual(expect.arrayContaining(["linux upgraded", "hello upgraded"]));
    expect(first?.packages).toBeUndefined();
    const { stdout } = await run("history", "host:crown");
    expect(stdout).toContain("Generations  on crown");
    expect(stdout).toMatch(/\* 3 {2}20\d\d-.* linux 6\.18\.2 +current, booted/);
    expect(stdout).toMatch(/linux +6\.12\.9 → 6\.18\.2/);
    expect(stdout).not.toMatch(/hello/);
    expect((await run("history", "crown", "--packages")).stdout).toMatch(/hello +1\.1 → 1\.2/);
  });

  test("a rollback goes to the system before, is confirmed and noted; the next one names a generation", async () => {
    const { exitCode, stderr } = await run("rollback", "crown", "--yes");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).toContain("Back to generation 2");
    expect(stderr).toMatch(/kernel 6\.18\.2 → 6\.12\.9/);
    expect(await crown.systemOf()).toEqual({ current: systems[1], profile: systems[1], boot: systems[1] });
    const [fourth, third] = await generations("crown");
    expect(fourth).toMatchObject({ number: 4, sameAs: 2, isCurrent: true, isBooted: false, revision: "b".repeat(40) });
    expect(fourth?.by).toMatch(/@/);
    expect(third).toMatchObject({ number: 3, isCurrent: false, isBooted: true });

    expect((await run("rollback", "crown", "--to", "1", "--yes")).exitCode).toBe(0);
    expect((await crown.systemOf()).current).toBe(systems[0]);
    expect(await links(crown)).toEqual([1, 2, 3, 4, 5].map((number) => `system-${number}-link`));
  });

  test("a rollback to what is not healthy comes back by itself", async () => {
    await crown.sh("touch /run/sick");
    const { exitCode, stderr } = await run("rollback", "crown", "--to", "3", "--yes");
    await crown.sh("rm /run/sick");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 4 });
    expect(await crown.systemOf()).toEqual({ current: systems[0], profile: systems[0], boot: systems[0] });
    const [failed] = await generations("crown");
    expect(failed).toMatchObject({ number: 6, system: systems[2], isFailed: true, isCurrent: false });
    expect((await run("history", "crown")).stdout).toMatch(/^ {4}6 .*failed$/m);
  });

  test("what cannot be gone back to is said", async () => {
    expect(await run("rollback", "crown", "--to", "77", "--yes")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"crown" has no generation 77') as string,
    });
    expect((await run("rollback", "crown", "--to", "3")).stderr).toContain("this is no terminal");
    expect((await run("rollback", "crwn", "--yes")).stderr).toContain("Did you mean crown?");
  });

  test("gc: nothing without --yes, then exactly what the plan named; a root of somebody else's holds", async () => {
    // As after a boot: what was booted is kept although it is neither new nor young.
    await crown.sh(`ln -sfn ${systems[2]} /run/booted-system`);
    const held = await crown.sh("echo held >/tmp/held; nix-store --add /tmp/held");
    const loose = await crown.sh("echo loose >/tmp/loose; nix-store --add /tmp/loose");
    await crown.sh(`mkdir -p /nix/var/nix/gcroots/floe/test; ln -s ${held} /nix/var/nix/gcroots/floe/test/held`);
    await crown.sh("nix-env -p /nix/var/nix/profiles/per-user/root/tools --set $(readlink -f /run/current-system)");
    const before = await links(crown);

    const dry = await run("gc", "crown", "--keep", "1", "--keep-days", "0");
    expect(dry).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("Nothing was deleted: add --yes") as string,
    });
    expect(await links(crown)).toEqual(before);

    const [machine] = (await json("gc", "crown", "--keep", "1", "--keep-days", "0", "--dry-run")).machines as [
      {
        readonly profiles: readonly {
          kind: string;
          kept: { number: number; reasons: string[] }[];
          dropped: { number: number }[];
        }[];
        readonly dead: readonly { readonly path: string; readonly bytes: number; readonly isGarbage: boolean }[];
        readonly frees: { readonly held: number; readonly garbage: number };
      },
    ];
    const system = machine.profiles.find(({ kind }) => kind === "system");
    const kept = (system?.kept ?? []).map(({ number, reasons }) => `${number} ${reasons.join(" ")}`);
    expect(kept).toEqual(expect.arrayContaining(["3 booted"]));
    const paths = machine.dead.map(({ path }) => path);
    expect(paths).toContain(systems[1]);
    expect(paths).toContain(loose);
    for (const path of [held, systems[0], systems[2]]) expect(paths).not.toContain(path);

    const sizes = await crown.sh(`for p in ${paths.join(" ")}; do nix-store -q --size $p; done`);
    const sum = sizes.split("\n").reduce((total, size) => total + Number(size), 0);
    expect(machine.frees.held + machine.frees.garbage).toBe(sum);

    const done = await run("gc", "crown", "--keep", "1", "--keep-days", "0", "--yes");
    expect(done).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining("error") as string });
    const still = await crown.sh(`for p in ${paths.join(" ")}; do [ ! -e $p ] || echo $p; done`);
    expect(still).toBe("");
    expect(await crown.sh(`nix-store --check-validity ${held} ${systems[0]} ${systems[2]} && echo there`)).toBe(
      "there",
    );
    expect(await crown.systemOf()).toEqual({ current: systems[0], profile: systems[0], boot: systems[0] });
    const numbers = (await links(crown)).map((link) => Number(/\d+/.exec(link)?.[0]));
    expect(numbers).toEqual((system?.kept ?? []).map(({ number }) => number));
    expect((await run("gc", "crown", "--keep", "1", "--keep-days", "0", "--yes")).stdout).toContain(
      "Nothing to delete",
    );
    // It still boots.
    await crown.reboot();
    await expect.poll(() => crown.systemOf(), { timeout: 20_000 }).toMatchObject({ current: systems[0] });
  });

  test("gc of several: what fails is told, the others are cleaned up; the host's own number counts", async () => {
    const { exitCode, stderr, stdout } = await run("gc", "atlas", "gone", "--keep-days", "0", "--yes");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("192.0.2.1") as string });
    expect(stdout).toMatch(/atlas: 1 generation and \d+ store paths? deleted/);
    expect(await links(lab.machines.atlas)).toEqual(["system-2-link"]);
  });

  test("gc: a boot menu that cannot be written leaves everything as it was", async () => {
    const { atlas } = lab.machines;
    const extra = (commands: string) =>
      firnSystem({ hostName: "atlas", config: `system.extraSystemBuilderCmds = ''${commands}'';` });
    const old = await extra("touch $out/old");
    const broken = await extra(
      `printf '%s\\n' '#!/bin/sh' 'echo "no room in /boot"' '[ "$1" != boot ]' >$out/bin/switch-to-configuration`,
    );
    for (const system of [old, broken]) {
      await atlas.addClosure(system);
      await atlas.sh(`nix-env -p /nix/var/nix/profiles/system --set ${system}`);
    }
    const everything = () => atlas.sh("ls -l --time-style=+%s /nix/var/nix/profiles; ls /nix/store");
    const before = await everything();
    const { exitCode, stderr } = await run("gc", "atlas", "--keep-days", "0", "--yes");
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("no room in /boot") as string,
    });
    expect(stderr).toContain("nothing was deleted");
    expect(await everything()).toBe(before);
    expect(await links(atlas)).toContain("system-3-link");
  });

  test("gc: what changed since the plan, or is being switched, is left alone", async () => {
    const { atlas } = lab.machines;
    const machine = openMachine("atlas", { kind: "ssh", destination: "atlas" }, { env: lab.env });
    try {
      const plan = await planGc(machine, { keep: 1, keepDays: 0 });
      expect(droppedOf(plan)).toBe(1);
      await atlas.sh("nix-env -p /nix/var/nix/profiles/system --switch-generation 3");
      await expect(collectGarbage(machine, plan)).rejects.toThrow(
        "system-3-link is the current one now; nothing was deleted",
      );
      expect(await links(atlas)).toContain("system-3-link");
      await atlas.sh("nix-env -p /nix/var/nix/profiles/system --switch-generation 2");
      const clean = await planGc(machine, { keep: 9, keepDays: 0 });
      const lock = (began: string): Promise<string> =>
        atlas.sh(
          `mkdir -p /run/floe; echo "gc 1 ${began} $(cat /proc/sys/kernel/random/boot_id)" >/run/floe/gc.lock; mkdir -p /nix/var/nix/gcroots/floe-gc`,
        );
      await lock("$(cut -d' ' -f22 /proc/1/stat)");
      await expect(collectGarbage(machine, clean)).rejects.toThrow('"atlas" is being cleaned up by process 1');
      // A process that had the same number; it was ended in the middle.
      await lock("0");
      const fresh = await atlas.sh("echo fresh >/tmp/fresh; nix-store --add /tmp/fresh");
      await collectGarbage(machine, clean);
      expect(await atlas.sh(`nix-store --check-validity ${fresh} && ls /nix/var/nix/gcroots`)).not.toContain("floe-gc");
    } finally {
      await machine.close();
    }
  });

  test("gc that is stopped says so by its exit code", async () => {
    const { atlas } = lab.machines;
    await atlas.sh("echo waste >/tmp/waste; nix-store --add /tmp/waste");
    const going = startFloe(project.root, ["gc", "atlas", "--keep", "9", "--yes", "--json"], lab.env, (line) => {
      if (line.includes('"kind":"plan"')) going.kill("SIGINT");
    });
    expect(await going.ended).toMatchObject({ exitCode: 130 });
  });
});
