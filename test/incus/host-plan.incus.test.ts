/** What is planned for a host, on a real machine over SSH: nothing is switched by the code under test. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderHostPlan } from "../../src/cli/render/host-plan.ts";
import { plain } from "../../src/cli/render/style.ts";
import { ConnectionError, type FloeError } from "../../src/errors.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { openMachine } from "../../src/machine/open.ts";
import type { HostPlan } from "../../src/model/host-plan.ts";
import { findNix, type NixTool } from "../../src/nix/find.ts";
import { observeHost } from "../../src/plan/hosts/observe-host.ts";
import { type PlanHostsOptions, planHosts } from "../../src/plan/hosts/plan-hosts.ts";
import { addFirnBase, firnSystem } from "../support/firn-system.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { run } from "../support/run.ts";
import { type SshLab, type SshMachine, sshLab } from "../support/ssh-machine.ts";
import { nixosLike } from "./host-plan-support.ts";

describe.skipIf(skipIncus() || skipMachines())("the plan for hosts", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"crown" | "nas">;
  let crown: SshMachine;
  let machine: Machine;
  let nix: NixTool;
  let root: string;
  let systems: { readonly first: string; readonly second: string };
  beforeAll(async () => {
    await addFirnBase();
    root = await mkdtemp(path.join(os.tmpdir(), "floe-host-plan-"));
    nix = await findNix({ cacheDir: root });
    const beat = (text: string) => `services.beat.script = "echo ${text}; exec sleep 1000000";`;
    systems = {
      first: await firnSystem({
        hostName: "crown",
        config: `${beat("one")} services.gone.script = "exec sleep 1000000";`,
      }),
      second: await firnSystem({
        hostName: "crown",
        config: `${beat("two")} services.fresh.script = "exec sleep 1"; environment.systemPackages = [ pkgs.hello ];`,
      }),
    };
    incus = await testIncus();
    lab = await sshLab(incus, { crown: {}, nas: {} });
    crown = lab.machines.crown;
    machine = openMachine("crown", { kind: "ssh", destination: "crown" }, { env: lab.env });
  }, 240_000);
  afterAll(async () => {
    await machine?.close();
    await lab?.remove();
    await incus?.remove();
    await rm(root, { recursive: true, force: true });
  });

  const plan = async (system: string, options: Partial<PlanHostsOptions> = {}): Promise<HostPlan> => {
    const observed = await observeHost(machine);
    const host = { name: "crown", machine, observed, platform: "x86_64-linux", system };
    return planHosts([host], { fleet: "home", root, nix, action: "switch", asRoot: true, ...options });
  };
  const record = (lines: readonly string[]) =>
    crown.sh(
      `mkdir -p /var/lib/floe; printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} >/var/lib/floe/generations`,
    );

  test("a Debian without a system: it is its first", async () => {
    const observed = await observeHost(machine);
    expect(observed).toMatchObject({
      identity: { hostName: "crown", machineId: expect.stringMatching(/^[0-9a-f]{32}$/) },
      platform: expect.stringMatching(/^(x86_64|aarch64)-linux$/),
      generations: [],
      failedUnits: [],
      nixVersion: expect.stringMatching(/^2\./),
    });
    expect([observed.current, observed.booted, observed.boots, observed.records]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(observed.freeBytes).toBeGreaterThan(1e6);
    const { changes, problems, waves } = await plan(systems.first);
    expect(problems).toEqual([]);
    expect(waves).toEqual([["crown"]]);
    expect(changes[0]).toMatchObject({ action: "update", notes: ["No NixOS runs there yet"], closure: { before: 0 } });
    // Nothing of it is there: all of it has to be copied.
    const { after, copy } = changes[0]?.closure ?? { after: 0, copy: 1 };
    expect(copy).toBe(after);
  });

  test("nothing changed: one connection, and nothing but the observation", async () => {
    await crown.installSystem(systems.first);
    await record([`1\t${systems.first}\thome\tabc1234\tme@desk\t1700000000`]);
    let calls = 0;
    const counted: Machine = {
      ...machine,
      script: (...call) => {
        calls += 1;
        return machine.script(...call);
      },
    };
    const observed = await observeHost(counted);
    const host = { name: "crown", machine: counted, observed, platform: "x86_64-linux", system: systems.first };
    const made = await planHosts([host], { fleet: "home", root, nix, action: "switch" });
    expect(made.changes[0]).toMatchObject({ action: "none", notes: [], reboot: [], current: systems.first });
    expect(made.waves).toEqual([]);
    expect(calls).toBe(1);
    expect(observed.generations).toEqual([{ number: 1, system: systems.first, at: expect.any(Number) }]);
    expect(Math.abs((observed.boots?.at ?? 0) - Date.now())).toBeLessThan(600_000);
    expect(observed.records).toEqual([
      { number: 1, system: systems.first, fleet: "home", revision: "abc1234", by: "me@desk", at: 1_700_000_000_000 },
    ]);
  });

  test("a change: packages, sizes and what has to be copied; the machine is as before", async () => {
    const before = await crown.systemOf();
    const made = await plan(systems.second);
    const [change] = made.changes;
    expect(made.problems).toEqual([]);
    expect(change?.packages).toContainEqual({
      name: "hello",
      kind: "added",
      before: [],
      after: [expect.stringMatching(/^\d/)],
      sizeDelta: expect.any(Number),
      important: false,
    });
    expect(change?.packages).toContainEqual(expect.objectContaining({ name: "unit-gone", kind: "removed" }));
    // busybox is there already.
    expect(change?.closure?.copy).toBeGreaterThan(0);
    expect(change?.closure?.copy).toBeLessThan((change?.closure?.after ?? 0) / 2);
    // The new system is not there, and the units of this one are not systemd's: nobody can tell.
    expect(change?.units).toBeUndefined();
    expect(await crown.systemOf()).toEqual(before);
  });

  test("once the new system is there it says itself what becomes of units", async () => {
    await crown.addClosure(systems.second);
    const [change] = (await plan(systems.second)).changes;
    expect(change).toMatchObject({
      closure: { copy: 0 },
      unitsFrom: "dry-activate",
      units: {
        stop: ["gone.service"],
        restart: ["beat.service"],
        start: ["fresh.service"],
        reload: [],
        notRestarted: [],
      },
    });
    expect((await crown.sh("systemctl is-active beat gone fresh || true")).split("\n")).toEqual([
      "active",
      "active",
      "inactive",
    ]);
  });

  test("a system that is only in the machine's store is compared there", async () => {
    const built = await crown.sh(`nix-store --query --requisites ${systems.second} | grep hello`);
    const { stdout } = await machine.script("cd /tmp && mkdir -p s/bin s/sw && echo $1 >s/dep && nix-store --add s", [
      built,
    ]);
    const made = await plan(stdout.trim());
    expect(made.changes[0]?.packagesFrom).toBe("closures");
    expect(made.changes[0]?.packages).toContainEqual(
      expect.objectContaining({ name: "firn-busybox", kind: "removed" }),
    );
  });

  test("a generation of somebody else stands in the way until it is adopted", async () => {
    await crown.installSystem(systems.second);
    const refused = await plan(systems.first);
    expect(refused.problems.map(({ subject, message }) => [subject, message.replace(/[0-9a-z]{7}…/, "HASH…")])).toEqual(
      [["host crown", "Generation 2 (HASH…-nixos-system-crown-26.05) was not made by this fleet"]],
    );
    expect(refused.waves).toEqual([]);
    const adopted = await plan(systems.first, { adopt: true });
    expect(adopted.problems).toEqual([]);
    expect(adopted.changes[0]?.unknown?.generation).toMatchObject({ number: 2, system: systems.second });
    await record([`2\t${systems.second}\tother\t\teve@desk\t1700000000`]);
    expect((await plan(systems.first)).problems[0]?.message).toContain('but by the fleet "other" (eve@desk)');
    await record([`2\t${systems.second}\thome\t\t\t1700000000`]);
    expect((await plan(systems.first)).problems).toEqual([]);
  });

  test("what was only tested is not what boots; failed units are told; a switch makes it boot", async () => {
    await crown.sh(`${systems.first}/bin/switch-to-configuration test; systemd-run --unit=broken false; sleep 0.5`);
    const [change] = (await plan(systems.first)).changes;
    expect(change).toMatchObject({
      action: "update",
      failedUnits: ["broken.service"],
      notes: ["It runs already, and becomes what the next boot brings"],
    });
    expect((await plan(systems.first, { action: "test" })).changes[0]?.action).toBe("none");
    await crown.sh(`systemctl reset-failed; ${systems.second}/bin/switch-to-configuration test`);
  });

  test("what somebody changed since makes another basis", async () => {
    const one = await plan(systems.first);
    expect((await plan(systems.first)).basis).toBe(one.basis);
    expect((await plan(systems.second)).basis).not.toBe(one.basis);
    await crown.sh(`nix-env --profile /nix/var/nix/profiles/system --set ${systems.first}`);
    expect((await plan(systems.first)).basis).not.toBe(one.basis);
    await crown.sh("nix-env --profile /nix/var/nix/profiles/system --rollback");
  });

  test("the disk is too small, the machine of another kind", async () => {
    const text = "lib.concatStrings (builtins.genList toString 200000)";
    const big = await firnSystem({ hostName: "crown", config: `environment.etc.big.text = ${text};` });
    await crown.fillDisk(200_000);
    const made = await plan(big).finally(() => crown.freeDisk());
    expect(made.problems).toEqual([
      {
        subject: "host crown",
        message: "The disk of its Nix store is too small: 2 MB have to be copied, 1 MB are free",
        hint: expect.stringContaining("floe gc"),
      },
    ]);
    expect(made.waves).toEqual([]);
    const observed = await observeHost(machine);
    const host = { name: "crown", machine, observed, platform: "riscv64-linux", system: systems.first };
    const other = await planHosts([host], { fleet: "home", root, nix, action: "switch" });
    expect(other.problems[0]?.message).toContain('It is described for "riscv64-linux"');
  });

  test("a machine that is away is a problem of its own", async () => {
    await lab.machines.nas.cutNetwork();
    const env = { ...lab.env, NIX_SSHOPTS: "-o ConnectTimeout=1" };
    const nas = openMachine("nas", { kind: "ssh", destination: "nas" }, { env });
    const away = await observeHost(nas).catch((error: unknown) => error);
    expect(away).toBeInstanceOf(ConnectionError);
    const observed = await observeHost(machine);
    const hosts = [
      { name: "nas", machine: nas, observed: away as FloeError, platform: "x86_64-linux", system: systems.first },
      { name: "crown", machine, observed, platform: "x86_64-linux", system: systems.first, dependsOn: ["nas"] },
    ];
    const made = await planHosts(hosts, { fleet: "home", root, nix, action: "switch" });
    expect(made.problems.map(({ subject }) => subject)).toEqual(["host nas"]);
    expect(made.waves).toEqual([["crown"]]);
    await nas.close();
  });

  test("a system of NixOS' shape: units foreseen by their files, and why it has to boot", async () => {
    const [old, next] = await nixosLike();
    await crown.addClosure(old);
    await crown.sh(`
      nix-env --profile /nix/var/nix/profiles/system --set ${old}
      ln -sfn ${old} /run/booted-system; ln -sfn ${old} /run/current-system
      for unit in changed left reloaded gone same; do
        cp ${old}/etc/systemd/system/floe-$unit.service /run/systemd/system/; done
      systemctl daemon-reload; systemctl start floe-changed floe-left floe-reloaded floe-gone floe-same`);
    await record([`3\t${old}\thome\t\t\t1700000000`]);
    const made = await plan(next);
    expect(made.changes[0]).toMatchObject({
      reboot: ["kernel 6.1.5 → 6.1.9", "kernel parameters +mitigations=off", "systemd 254 → 255.1"],
      unitsFrom: "comparison",
      units: {
        stop: ["floe-gone.service"],
        restart: ["floe-changed.service"],
        reload: ["floe-reloaded.service"],
        start: ["floe-fresh.service"],
        notRestarted: ["floe-left.service"],
      },
    });
    expect(
      made.changes[0]?.packages?.filter(({ important }) => important).map(({ name, kind }) => [name, kind]),
    ).toEqual([
      ["linux", "upgraded"],
      ["server", "upgraded"],
      ["systemd", "upgraded"],
    ]);
    expect(
      renderHostPlan(made, { colors: plain, verbose: false }).replace(/\([0-9a-z]{7}\)/g, "(HASH)"),
    ).toMatchInlineSnapshot(`
      "  ~ update  host  crown  crown
            system    26.05 (HASH) → (HASH)
            packages  4 up, 1 rebuilt, 5 files
              ↑ linux         6.1.5 → 6.1.9
              ↑ server        1.24.0 → 1.26.1
              ↑ systemd       254 → 255.1
              ↑ initrd-linux  6.1.5 → 6.1.9
            size      10.3 kB (+72 B), 9.9 kB to copy
            units     stop     floe-gone.service
                      restart  floe-changed.service
                      reload   floe-reloaded.service
                      start    floe-fresh.service
                      leave    floe-left.service
                      (foreseen; the machine has the last word)
            reboot    kernel 6.1.5 → 6.1.9, kernel parameters +mitigations=off,
                      systemd 254 → 255.1

      1 host to switch
      "
    `);
    // Nothing was switched, and after it nothing is left to do but the boot.
    expect((await crown.systemOf()).current).toBe(old);
    await crown.addClosure(next);
    await crown.sh(`nix-env --profile /nix/var/nix/profiles/system --set ${next}; ln -sfn ${next} /run/current-system`);
    expect((await plan(next)).changes[0]).toMatchObject({
      action: "none",
      reboot: ["kernel 6.1.5 → 6.1.9", "kernel parameters +mitigations=off", "systemd 254 → 255.1"],
    });
  });

  test("inputs that changed are told from the commit that was noted", async () => {
    const project = await mkdtemp(path.join(os.tmpdir(), "floe-host-plan-git-"));
    const git = (...args: string[]) =>
      run("git", ["-C", project, "-c", "user.name=t", "-c", "user.email=t@t", ...args], {});
    const lock = (rev: string, days: number) =>
      JSON.stringify({
        version: 7,
        root: "root",
        nodes: { root: { inputs: { nixpkgs: "nixpkgs" } }, nixpkgs: { locked: { rev, lastModified: days * 86_400 } } },
      });
    await git("init", "--quiet");
    await writeFile(path.join(project, "flake.lock"), lock("4a1f2c0aaaaaaaaa", 100));
    await git("add", ".");
    await git("commit", "--quiet", "-m", "x");
    const revision = (await git("rev-parse", "--short=12", "HEAD")).trim();
    await writeFile(path.join(project, "flake.lock"), lock("9c0e771bbbbbbbbb", 103));
    const { current } = await crown.systemOf();
    await record([`4\t${current}\thome\t${revision}-dirty\t\t1700000000`]);
    expect((await plan(systems.first, { root: project })).changes[0]?.causes).toEqual([
      "nixpkgs 4a1f2c0 → 9c0e771 (3 days newer)",
    ]);
    await record([`4\t${current}\thome\tdeadbeef0123\t\t1700000000`]);
    expect((await plan(systems.first, { root: project })).changes[0]?.causes).toBeUndefined();
    await rm(project, { recursive: true, force: true });
  });
});
