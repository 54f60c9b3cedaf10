/** `floe switch` and its relatives with several hosts, as a user types them: the built command, real machines, real SSH. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { firnSystem } from "../support/firn-system.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { nix } from "../support/nix.ts";
import { type HostWorld, hostWorld, NAMES, type Name, neverHealthy, page } from "./host-switch-support.ts";

describe.skipIf(skipIncus() || skipMachines())("switching hosts", { timeout: 180_000 }, () => {
  let incus: TestIncus;
  let world: HostWorld;
  /** Other pages than any run before had: what is in this machine's store already is not built. */
  const run = Date.now().toString(36);
  let count = 0;
  const pageOf = (name: Name): string => `${name} ${count} of ${run}`;
  /** Another page for each host each time, so that there is something to switch. */
  const edit = async (texts: Partial<Record<Name, { spec?: string; body?: string }>> = {}): Promise<void> => {
    count += 1;
    for (const name of NAMES) {
      const { spec = "", body = "" } = texts[name] ?? {};
      await world.host(name, { spec, body: `${body} ${body.includes("environment") ? "" : page(pageOf(name))}` });
    }
  };
  const systems = async (): Promise<Record<string, string[]>> =>
    Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, await world.systems(name)])));
  const outcomes = (document: unknown): Record<string, string> => {
    const { report } = document as { report: { changes: { name: string; outcome: string }[] } };
    return Object.fromEntries(report.changes.map(({ name, outcome }) => [name, outcome]));
  };

  beforeAll(async () => {
    incus = await testIncus();
    world = await hostWorld(incus);
  }, 400_000);
  afterAll(async () => {
    await world?.remove();
    await incus?.remove();
  });
  beforeEach(() => world.fleet(""));

  test("three at once: a plan, events, a report; each runs, boots and records the new system", async () => {
    await edit({ crown: { spec: 'health: [{ exec: ["test", "-e", "/etc/lab-page"] }, { systemd: true }],' } });
    const { exitCode, documents, stderr } = await world.json("switch", "atlas", "borea", "crown", "--yes");
    expect(exitCode, stderr).toBe(0);
    const [plan, result] = [documents.find(({ kind }) => kind === "host-plan"), documents.at(-1)];
    expect(outcomes(result)).toEqual({ atlas: "done", borea: "done", crown: "done" });
    const { changes } = (plan as unknown as { plan: { changes: { name: string; system: string }[] } }).plan;
    for (const { name, system } of changes) expect(await world.systems(name as Name)).toEqual([system]);
    const record = await world.lab.machines.crown.sh("tail -n 1 /var/lib/floe/generations");
    expect(record.split("\t").slice(1, 5)).toEqual([
      changes.at(-1)?.system,
      "lab",
      "",
      `tester@${os.hostname().split(".")[0]}`,
    ]);
    expect(JSON.parse(readFileSync(path.join(world.root, ".floe/hosts/crown.json"), "utf8"))).toMatchObject({
      hostName: "crown",
    });
    const steps = documents
      .filter(({ kind }) => kind === "event")
      .map(({ event }) => event as unknown as { type: string; subject?: string; step?: string })
      .filter(({ type, subject }) => type === "step.end" && subject === "host:crown")
      .map(({ step }) => step);
    expect(steps).toEqual(["connect", "copy", "switch", "confirm", "health", "commit"]);
  });

  test("with nothing changed nothing is done", async () => {
    const before = await systems();
    const { exitCode, stdout } = await world.floe("switch", "atlas", "borea", "crown", "--yes");
    expect(stdout).toMatch("Nothing to do: all hosts are as described");
    expect(exitCode).toBe(0);
    expect(await systems()).toEqual(before);
  });

  test("plan tells of hosts too, and does nothing to them", async () => {
    const before = await systems();
    const same = await world.floe("plan", "--exit-code");
    expect(same.exitCode, same.stderr).toBe(0);
    expect(same.stdout).toMatch("Nothing to do: all hosts are as described");
    await edit();
    const { exitCode, stdout } = await world.floe("plan", "crown", "--exit-code");
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/~ update +host +crown/);
    expect(stdout).not.toMatch("atlas");
    const unbuilt = await world.json("plan", "crown", "atlas", "--no-build");
    const { hosts } = unbuilt.documents.at(-1) as unknown as { hosts: { changes: { name: string; action: string }[] } };
    expect(hosts.changes.map(({ name, action }) => `${name} ${action}`)).toEqual(["atlas update", "crown update"]);
    expect(await systems()).toEqual(before);
  });

  test("without --yes and without a terminal nothing is done", async () => {
    await edit();
    const before = await systems();
    const { exitCode, stderr } = await world.floe("switch", "crown");
    expect(stderr).toMatch("1 host to switch");
    expect(exitCode).toBe(2);
    expect(await systems()).toEqual(before);
  });

  test("dry-activate says what would happen, by the new system's own words", async () => {
    await edit({
      crown: { body: 'systemd: { services: { fresh: { wantedBy: ["multi-user.target"], script: "sleep 9999" } } },' },
    });
    const before = await systems();
    const { exitCode, stdout } = await world.floe("dry-activate", "crown");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/start\s+fresh\.service/);
    expect(await systems()).toEqual(before);
  });

  test("test lasts until the next boot; switch then makes it the default", async () => {
    await edit();
    const before = (await world.lab.machines.crown.systemOf()).boot;
    expect((await world.floe("test", "crown", "--yes")).exitCode).toBe(0);
    const tested = await world.lab.machines.crown.systemOf();
    expect([tested.boot, tested.profile]).toEqual([before, before]);
    expect(tested.current).not.toBe(before);
    expect((await world.floe("switch", "crown", "--yes")).exitCode).toBe(0);
    expect(await world.systems("crown")).toEqual([tested.current]);
  });

  test("boot --reboot boots the new system and waits for it", async () => {
    await edit();
    const bootId = await world.lab.machines.borea.sh("cat /proc/sys/kernel/random/boot_id");
    expect((await world.floe("boot", "borea", "--yes")).exitCode).toBe(0);
    // It is the one that boots already: what is left is the reboot.
    const { exitCode, stdout, stderr } = await world.floe("boot", "borea", "--reboot", "--yes");
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stderr).toMatch(/↻ reboot\s+host\s+borea/);
    expect(await world.lab.machines.borea.sh("cat /proc/sys/kernel/random/boot_id")).not.toBe(bootId);
    const [system, ...others] = await world.systems("borea");
    expect(others).toEqual([]);
    expect(await world.lab.machines.borea.sh("cat /etc/lab-page; readlink /run/booted-system")).toMatch(system ?? "");
  });

  test("a canary that is not healthy goes back, and the others are not begun", async () => {
    await edit({ atlas: { spec: neverHealthy } });
    const before = await systems();
    const { exitCode, documents, stderr } = await world.json("switch", "*", "--canary", "--yes");
    expect(outcomes(documents.at(-1))).toEqual({ atlas: "undone", borea: "skipped", crown: "skipped" });
    expect(exitCode).toBe(4);
    expect(stderr).toMatch('Command "false" ended with 1');
    expect(await systems()).toEqual(before);
  });

  test("--keep-going goes on, but not with what depends on the one that failed", async () => {
    await edit({ atlas: { spec: neverHealthy }, borea: { spec: 'dependsOn: ["atlas"],' } });
    const before = await systems();
    const { exitCode, documents } = await world.json("switch", "*", "--keep-going", "--yes");
    expect(outcomes(documents.at(-1))).toEqual({ atlas: "undone", borea: "skipped", crown: "done" });
    expect(exitCode).toBe(4);
    const after = await systems();
    expect([after["atlas"], after["borea"]]).toEqual([before["atlas"], before["borea"]]);
    expect(after["crown"]).not.toEqual(before["crown"]);
  });

  test("--revert-all takes back those that were done", async () => {
    await edit({ crown: { spec: `${neverHealthy} dependsOn: ["atlas"],` } });
    const before = await systems();
    const { exitCode, documents } = await world.json("switch", "atlas", "crown", "--revert-all", "--yes");
    expect(outcomes(documents.at(-1))).toEqual({ atlas: "undone", crown: "undone" });
    expect(exitCode).toBe(4);
    expect(await systems()).toEqual(before);
  });

  test("--no-rollback keeps a system whose checks fail, and says so", async () => {
    await edit({ crown: { spec: neverHealthy } });
    const before = await world.systems("crown");
    const { exitCode, stderr } = await world.floe("switch", "crown", "--no-rollback", "--yes");
    expect(exitCode).toBe(5);
    expect(stderr).toMatch("--no-rollback");
    expect(stderr).toMatch("floe rollback crown");
    expect(await world.systems("crown")).not.toEqual(before);
  });

  test("a host that is away, and one that does not evaluate, hold up nobody else", async () => {
    await edit({ borea: { body: "networking: 5," } });
    await world.host("ghost", { target: "ghost.invalid" });
    const { exitCode, documents } = await world.json("switch", "*", "--yes");
    rmSync(path.join(world.root, "hosts/ghost.ts"));
    expect(exitCode).toBe(1);
    const { report, problems } = documents.at(-1) as unknown as {
      report: { changes: { name: string; outcome: string }[] };
      problems: { subject: string; message: string }[];
    };
    expect(report.changes.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(["atlas done", "crown done"]);
    expect(problems.map(({ subject }) => subject).sort()).toEqual(["host borea", "host ghost"]);
  });

  test("--fail-fast changes nothing when one host cannot be planned", async () => {
    await edit({ borea: { body: "networking: 5," } });
    const before = await systems();
    const { exitCode, stderr } = await world.floe("switch", "*", "--fail-fast", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch("Nothing was changed");
    expect(await systems()).toEqual(before);
  });

  test("the wrong machine is refused with both names, and taken with --force-host", async () => {
    await edit();
    await world.lab.redirect("crown", "borea");
    const before = await systems();
    const { exitCode, stderr } = await world.floe("switch", "crown", "--yes");
    await world.lab.redirect("crown", null);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch('The machine at crown is called "borea" now, and was "crown" before');
    expect(await systems()).toEqual(before);
    await world.host("stranger", { target: "crown" });
    const first = await world.floe("switch", "stranger", "--yes");
    expect(first.stderr).toMatch('The machine at crown is called "crown", not "stranger"');
    expect(first.exitCode).toBe(1);
    const forced = await world.floe("switch", "stranger", "--yes", "--force-host", "--adopt");
    expect(forced.exitCode, forced.stderr).toBe(0);
    rmSync(path.join(world.root, "hosts/stranger.ts"));
  });

  test("what somebody else deployed is refused, and replaced with --adopt", async () => {
    await edit();
    const foreign = await firnSystem({ hostName: "crown", config: `system.name = "foreign";` });
    await world.lab.machines.crown.installSystem(foreign);
    const refused = await world.floe("switch", "crown", "--yes");
    expect([refused.exitCode, await world.systems("crown")]).toEqual([1, [foreign]]);
    expect(refused.stderr + refused.stdout).toMatch("--adopt");
    const adopted = await world.floe("switch", "crown", "--yes", "--adopt");
    expect(adopted.exitCode, adopted.stderr).toBe(0);
    expect(await world.systems("crown")).not.toEqual([foreign]);
  });

  test("--store-path deploys what was built elsewhere without evaluating", async () => {
    await edit({ crown: { body: "networking: 5," } });
    const system = await firnSystem({ hostName: "crown", config: `environment.etc.made.text = "elsewhere";` });
    const { exitCode, stderr } = await world.floe("switch", "crown", "--store-path", system, "--yes");
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toMatch("Evaluating");
    expect(await world.systems("crown")).toEqual([system]);
    const wrong = await world.floe("switch", "crown", "--store-path", "/etc", "--yes");
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringMatching('"/etc" is not in the Nix store')]);
  });

  test("--build-on target builds on the machine, and nothing of it here", async () => {
    await edit();
    const { exitCode, stderr } = await world.floe("switch", "atlas", "--build-on", "target", "--yes");
    expect(exitCode, stderr).toBe(0);
    const [system = ""] = await world.systems("atlas");
    expect(existsSync(system)).toBe(false);
    expect(await world.lab.machines.atlas.sh("cat /etc/lab-page")).toBe(pageOf("atlas"));
  });

  test("a build that fails on the target shows its last lines", async () => {
    await edit({
      atlas: {
        body: 'environment: { etc: { x: { source: pkgs.runCommand("broken", {}, "echo words of the build; exit 3") } } },',
      },
    });
    const { exitCode, stderr, stdout } = await world.floe("switch", "atlas", "--build-on", "target", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr + stdout).toMatch("words of the build");
    expect(stderr + stdout).toMatch("nix-store --read-log");
  });

  test("builders of the fleet build, and caches get the result signed", async () => {
    await edit();
    const folder = mkdtempSync(path.join(os.tmpdir(), "floe-cache-"));
    const key = path.join(folder, "key");
    const secret = await nix(["key", "generate-secret", "--key-name", "lab-1"]);
    writeFileSync(key, secret);
    await world.fleet(`
      builders: [{ host: "ssh-ng://borea", systems: ["x86_64-linux"], maxJobs: 2 }],
      caches: { push: [{ url: "file://${folder}/cache", key: "${key}" }] },`);
    world.env["NIX_CONFIG"] = "max-jobs = 0";
    try {
      const { exitCode, stderr, stdout } = await world.floe("switch", "crown", "--yes");
      expect(exitCode, stderr + stdout).toBe(0);
    } finally {
      delete world.env["NIX_CONFIG"];
    }
    const [system = ""] = await world.systems("crown");
    expect(await world.lab.machines.borea.sh(`nix-store --check-validity ${system} && echo built there`)).toBe(
      "built there",
    );
    const info = readFileSync(path.join(folder, "cache", `${path.basename(system).slice(0, 32)}.narinfo`), "utf8");
    expect(info).toMatch(/^Sig: lab-1:/m);
    rmSync(folder, { recursive: true, force: true });
  });

  test("Ctrl-C while health is waited for: the machine goes back, exit code 130", async () => {
    await edit({ crown: { spec: 'health: [{ exec: ["false"], within: "60s" }],' } });
    const before = await world.systems("crown");
    const floe = world.start("switch", "crown", "--yes");
    await world.lab.machines.crown.sh(`until [ "$(cat /etc/lab-page)" = "${pageOf("crown")}" ]; do sleep 0.1; done`);
    floe.kill("SIGINT");
    const { exitCode, stderr } = await floe.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toMatch("going back");
    expect(await world.systems("crown")).toEqual(before);
  });

  test("a killed floe: the next one says what became of it", async () => {
    await edit({ crown: { spec: 'health: [{ exec: ["false"], within: "60s" }],' } });
    const before = await world.systems("crown");
    const floe = world.start("switch", "crown", "--yes");
    await world.lab.machines.crown.sh(`until [ "$(cat /etc/lab-page)" = "${pageOf("crown")}" ]; do sleep 0.1; done`);
    floe.kill("SIGKILL");
    await floe.ended;
    await edit();
    const { exitCode, stderr } = await world.floe("switch", "crown", "--yes");
    expect(stderr).toMatch(/The last switch of "crown" was not seen to its end: the machine went back/);
    expect(exitCode, stderr).toBe(0);
    expect(await world.systems("crown")).not.toEqual(before);
  });

  test("files in the way of home-manager's are named with the remedy", async () => {
    await edit({
      crown: {
        body: `systemd: { services: { "home-manager-me": { wantedBy: ["multi-user.target"], serviceConfig: { Type: "oneshot" },
          script: "echo \\"Existing file '/home/me/.gitconfig' is in the way of '/nix/store/x'\\" >&2; exit 1" } } },`,
      },
    });
    const before = await world.systems("crown");
    const { exitCode, stderr } = await world.floe("switch", "crown", "--yes");
    expect(exitCode).toBe(4);
    expect(stderr).toMatch('home-manager would overwrite a file that it did not make: "/home/me/.gitconfig"');
    expect(stderr).toMatch("backupFileExtension");
    expect(await world.systems("crown")).toEqual(before);
  });

  test("a host that is an Incus instance needs no sshd", async () => {
    await world.lab.machines.crown.sh("systemctl stop ssh.service ssh.socket");
    await edit();
    await world.fleet(`incus: { lab: { socket: "${process.env["INCUS_DIR"]}/unix.socket" } },`);
    await world.host("crown", { target: `incus:lab/${incus.project}/crown`, body: page("through Incus") });
    const { exitCode, stderr } = await world.floe("switch", "crown", "--yes");
    await world.lab.machines.crown.sh("systemctl start ssh.service");
    expect(exitCode, stderr).toBe(0);
    expect(await world.lab.machines.crown.sh("cat /etc/lab-page")).toBe("through Incus");
  });
});
