/**
 * Activation on a real Debian machine with systemd, over ssh, with systems whose switch does what the test chose. After each case: what
 * runs, what the profile leads to, what boots, and what was run to get there.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type ActivationEnd,
  type ActivationRequest,
  awaitActivation,
  confirmActivation,
  prolongActivation,
  readActivationOf,
  readActivations,
  revertActivation,
  startActivation,
} from "../../src/apply/activation/activation.ts";
import { LockedError } from "../../src/errors.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { openMachine } from "../../src/machine/open.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { type SshLab, type SshMachine, sshLab } from "../support/ssh-machine.ts";
import { bootFakes, type FakeSystem, fakeSystem, requestOf, stateOf } from "./activation-support.ts";

/** Takes long and is seen through the built command too, in host-faults: FLOE_FAULTS=all runs it here as well. */
const isQuick = process.env.FLOE_FAULTS !== "all";

describe.skipIf(skipIncus() || skipMachines())("activation over ssh", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"crown">;
  let crown: SshMachine;
  let machine: Machine;
  let old: string;
  let fresh: string;
  beforeAll(async () => {
    incus = await testIncus();
    lab = await sshLab(incus, { crown: {} });
    crown = lab.machines.crown;
    machine = openMachine("crown", { kind: "ssh", destination: "crown" }, { env: lab.env });
    await bootFakes(crown);
    old = await made("old", { onSwitch: "systemctl reset-failed; systemctl start ssh; ip link set eth0 up" });
    fresh = await made("new");
  }, 240_000);
  afterAll(async () => {
    await machine?.close();
    await lab?.remove();
    await incus?.remove();
  });
  beforeEach(async () => {
    await crown.sh(
      `nix-env -p /nix/var/nix/profiles/system --set ${old}; ${old}/bin/switch-to-configuration switch; rm -f /var/log/switches`,
    );
  });

  async function made(name: string, system: FakeSystem = {}): Promise<string> {
    const found = await fakeSystem(name, system);
    await crown.addClosure(found);
    return found;
  }
  async function started(system: string, more: Partial<ActivationRequest> = {}): Promise<string> {
    const request = requestOf(system, more);
    await startActivation(machine, request);
    return request.id;
  }
  async function activated(system: string, more: Partial<ActivationRequest> = {}): Promise<ActivationEnd> {
    return awaitActivation(machine, await started(system, more), { awayMs: 60_000 });
  }
  /** Until the machine has gone back by itself. */
  async function ended(id: string): Promise<string | undefined> {
    const under = ["starting", "booting", "switching", "waiting", "going-back", undefined];
    await expect
      .poll(async () => (await readActivationOf(machine, id).catch(() => undefined))?.state, { timeout: 60_000 })
      .not.toSatisfy((state: string | undefined) => under.includes(state));
    return (await readActivationOf(machine, id))?.state;
  }
  const untilState = (id: string, state: string) =>
    expect.poll(async () => (await readActivationOf(machine, id))?.state, { timeout: 30_000 }).toBe(state);
  const generations = async () => (await crown.sh("cat /var/lib/floe/generations 2>/dev/null || true")).split("\n");
  const all = (name: string) => ({ current: name, profile: name, boots: name });
  const supervisor = (id: string) => crown.sh(`pgrep -f '^[^ ]*sh /run/floe/activations/${id}/supervisor' | head -n 1`);

  describe("the ways it goes", () => {
    test("switch: confirmed, recorded, and nothing is left behind", async () => {
      const request = requestOf(fresh);
      await startActivation(machine, request);
      const lines: string[] = [];
      const end = await awaitActivation(machine, request.id, { onLine: (line) => lines.push(line) });
      expect(end).toMatchObject({ state: "waiting", exitCode: 0, previous: old, system: fresh, newlyFailed: [] });
      expect(end).toMatchObject({ running: fresh, boots: fresh, hasSystemd: true, by: "me@desk", fleet: "home" });
      expect(lines).toEqual(expect.arrayContaining(["new boot", "new switch"]));
      expect(end.log).toBe(lines.join("\n"));
      expect(await confirmActivation(machine, request.id)).toMatchObject({ state: "confirmed" });
      expect(await stateOf(crown)).toEqual({ ...all("new"), ran: ["new boot", "new switch"] });
      expect((await generations()).at(-1)).toMatch(new RegExp(`^\\d+\t${fresh}\thome\t4a1f\tme@desk\t\\d+$`));
      expect((await readActivations(machine))[0]).toMatchObject({ id: request.id, state: "confirmed" });
      expect(await crown.sh("systemctl list-units --plain --no-legend 'floe-activate-*'")).toBe("");
      expect(await crown.sh("ls /run/floe /nix/var/nix/gcroots | grep -E 'lock|activation-' || true")).toBe("");
      expect(await crown.sh(`cat /var/lib/floe/activations/${request.id}/log`)).toContain("new switch");
    });

    test("boot: the profile and the boot loader only, recorded without a question", async () => {
      const end = await activated(fresh, { action: "boot" });
      expect(end.state).toBe("confirmed");
      expect(await stateOf(crown)).toEqual({ current: "old", profile: "new", boots: "new", ran: ["new boot"] });
      expect((await generations()).at(-1)).toContain(`${end.generation}\t${fresh}\t`);
      expect((await revertActivation(machine, end.id, "Not wanted")).state).toBe("rolled-back");
      expect(await stateOf(crown)).toEqual({ ...all("old"), ran: ["old boot"] });
    });

    test("test: nothing of the profile, and back the same way", async () => {
      const end = await activated(fresh, { action: "test" });
      expect(await stateOf(crown)).toEqual({ current: "new", profile: "old", boots: "old", ran: ["new test"] });
      await confirmActivation(machine, end.id);
      expect((await generations()).at(-1)).toContain(`0\t${fresh}\t`);
      const again = await activated(await made("newer"), { action: "test" });
      expect(again.previous).toBe(fresh);
      expect((await revertActivation(machine, again.id, "Not wanted")).state).toBe("rolled-back");
      expect(await stateOf(crown)).toEqual({
        current: "new",
        profile: "old",
        boots: "old",
        ran: ["newer test", "new test"],
      });
    });

    test("what ran was not what boots: both come back as they were", async () => {
      await crown.sh(`${fresh}/bin/switch-to-configuration test; rm /var/log/switches`);
      const end = await activated(await made("newer"));
      expect((await revertActivation(machine, end.id, "Not wanted")).state).toBe("rolled-back");
      const ran = ["newer boot", "newer switch", "old boot", "new test"];
      expect(await stateOf(crown)).toEqual({ current: "new", profile: "old", boots: "old", ran });
    });

    test("the generation goes back by its number, and the failed one is kept", async () => {
      const link = "readlink /nix/var/nix/profiles/system";
      const before = await crown.sh(link);
      const end = await activated(fresh);
      expect(await crown.sh(link)).not.toBe(before);
      await revertActivation(machine, end.id, "Not wanted");
      expect(await crown.sh(link)).toBe(before);
      expect(await crown.sh(`readlink /nix/var/nix/profiles/system-${end.generation}-link`)).toBe(fresh);
    });

    test.skipIf(isQuick)("one that was confirmed is taken back too", async () => {
      const end = await activated(fresh);
      await confirmActivation(machine, end.id);
      expect(await revertActivation(machine, end.id, "Another host failed")).toMatchObject({ state: "rolled-back" });
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });

    test.skipIf(isQuick)("words of all kinds reach the records as one line", async () => {
      const record = { fleet: "it's\t$HOME", revision: "a\nb", by: 'me"`id`\\@desk ü' };
      const { id } = await activated(fresh, { record });
      expect(await confirmActivation(machine, id)).toMatchObject({ fleet: "it's $HOME", by: record.by });
      expect((await generations()).at(-1)?.split("\t").slice(2, 5)).toEqual(["it's $HOME", "a b", record.by]);
    });
  });

  describe("what goes wrong in the switch", () => {
    const codes = [
      { code: 100, says: "use boot, and reboot" },
      { code: 1, says: "The switch ended with code 1" },
      { code: 2, says: "The switch ended with code 2" },
    ];
    test.each(isQuick ? codes.slice(0, 1) : codes)("code $code: back at once", async ({ code, says }) => {
      const end = await activated(await made("broken", { onSwitch: `exit ${code}` }));
      expect(end).toMatchObject({ state: "rolled-back", exitCode: code, reason: expect.stringContaining(says) });
      expect(await stateOf(crown)).toEqual({ ...all("old"), ran: ["broken boot", "broken switch", "old switch"] });
    });

    test("the boot loader fails: nothing that runs is touched", async () => {
      const end = await activated(await made("broken", { onBoot: "echo no room in /boot >&2; exit 1" }));
      expect(end).toMatchObject({ state: "failed", exitCode: 1, log: expect.stringContaining("no room in /boot") });
      expect(await stateOf(crown)).toEqual({ ...all("old"), ran: ["broken boot", "old boot"] });
    });

    test("units: only those that had not failed before count", async () => {
      const failing = (name: string) => `systemd-run --quiet --unit=${name} false; sleep 0.5`;
      await crown.sh(failing("before"));
      const units = "echo 'warning: the following units failed: before.service, after.service' >&2; exit 4";
      const end = await activated(await made("units", { after: `${failing("after")}\n${units}` }));
      expect(end).toMatchObject({ state: "waiting", exitCode: 4, newlyFailed: ["after.service"] });
      await crown.sh(failing("later"));
      expect((await readActivationOf(machine, end.id))?.newlyFailed).toEqual(["after.service", "later.service"]);
      await revertActivation(machine, end.id, "Units failed");
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });

    test.skipIf(isQuick)("a service that is started again and again counts as failed", async () => {
      const loop =
        "systemd-run --quiet --unit=loop --property=Restart=always --property=RestartSec=60 false; sleep 0.5";
      const end = await activated(await made("loop", { after: loop }));
      expect(end.newlyFailed).toEqual(["loop.service"]);
      await crown.sh("systemctl stop loop");
      await revertActivation(machine, end.id, "Units failed");
    });

    test("a switch that hangs is ended, with what it started, and taken back", async () => {
      const end = await activated(await made("hung", { onSwitch: "sleep 4321 & sleep 4322" }), { limitSeconds: 2 });
      expect(end).toMatchObject({ state: "rolled-back", exitCode: 124, reason: expect.stringContaining("2 seconds") });
      expect(await crown.sh("pgrep -f '[s]leep 432' || true")).toBe("");
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });

    test("floe may go back while it is switched", async () => {
      const id = await started(await made("slow", { onSwitch: "sleep 60" }));
      await untilState(id, "switching");
      const end = await revertActivation(machine, id, "floe was stopped");
      expect(end).toMatchObject({ state: "rolled-back", reason: "floe was stopped" });
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });

    test("the way back fails as well: said, with the commands", async () => {
      const stuck = await made("stuck", { onSwitch: "[ ! -e /var/log/stuck ] || exit 2" });
      await crown.sh(
        `nix-env -p /nix/var/nix/profiles/system --set ${stuck}; ${stuck}/bin/switch-to-configuration switch; touch /var/log/stuck`,
      );
      const number = /\d+/.exec(await crown.sh("readlink /nix/var/nix/profiles/system"))?.[0];
      const end = await activated(await made("broken", { onSwitch: "exit 1" }));
      expect(end).toMatchObject({ state: "rollback-failed", exitCode: 1 });
      expect(end.reason).toBe("The switch ended with code 1; the switch back ended with code 2");
      expect(end.commands).toEqual([
        `nix-env -p /nix/var/nix/profiles/system --switch-generation ${number}`,
        `${stuck}/bin/switch-to-configuration switch`,
      ]);
      await crown.sh(["rm /var/log/stuck", ...end.commands].join(" && "));
      expect(await stateOf(crown)).toMatchObject(all("stuck"));
    });

    test("a system that is not there is refused", async () => {
      await expect(startActivation(machine, requestOf("/nix/store/none"))).rejects.toThrow(
        'The switch of "crown" could not be started: There is no system /nix/store/none on the machine',
      );
      expect(await stateOf(crown)).toEqual({ ...all("old"), ran: [] });
    });
  });

  describe("what goes wrong around it", () => {
    test("nobody confirms: it goes back by itself", async () => {
      const { id, state } = await activated(fresh, { confirmSeconds: 2 });
      expect(state).toBe("waiting");
      expect(await ended(id)).toBe("rolled-back");
      expect(await stateOf(crown)).toEqual({ ...all("old"), ran: ["new boot", "new switch", "old switch"] });
      await expect(confirmActivation(machine, id)).rejects.toThrow("It was not confirmed in time");
      await expect(prolongActivation(machine, id, 10)).rejects.toThrow("does not wait any more");
    });

    test.skipIf(isQuick)("it waits longer when floe says that it is there", async () => {
      const { id } = await activated(fresh, { confirmSeconds: 3 });
      await prolongActivation(machine, id, 60);
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      const now = await readActivationOf(machine, id);
      expect(now?.state).toBe("waiting");
      expect(now?.secondsLeft).toBeGreaterThan(40);
      await confirmActivation(machine, id);
    });

    test.skipIf(isQuick)("the connection is cut in the middle: the switch goes on, and is followed", async () => {
      const id = await started(await made("slow", { onSwitch: "sleep 3; echo after the cut" }));
      const lines: string[] = [];
      const following = awaitActivation(machine, id, { onLine: (line) => lines.push(line) });
      await untilState(id, "switching");
      await crown.dropConnections();
      expect((await following).state).toBe("waiting");
      expect(lines.filter((line) => line === "after the cut")).toHaveLength(1);
      expect(lines.filter((line) => line === "slow switch")).toHaveLength(1);
      await confirmActivation(machine, id);
      expect(await stateOf(crown)).toMatchObject(all("slow"));
    });

    test.skipIf(isQuick)("a system without sshd goes back by itself", async () => {
      const kill = "systemctl stop ssh.socket ssh; pkill -KILL -f '^sshd: .*@'";
      const { id } = requestOf("");
      await startActivation(machine, requestOf(await made("deaf", { onSwitch: kill }), { id, confirmSeconds: 5 }));
      expect((await awaitActivation(machine, id, { awayMs: 60_000 })).state).toBe("rolled-back");
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });

    test.skipIf(isQuick)(
      "a system without network goes back by itself, and floe hears of it when it is back",
      async () => {
        const id = await started(await made("cut", { onSwitch: "sleep 1; ip link set eth0 down" }), {
          confirmSeconds: 5,
        });
        // What it last said may have been on its way for as long as the network was gone.
        const end = await awaitActivation(machine, id, { awayMs: 60_000 });
        expect(end.state).toMatch(/waiting|rolled-back/);
        await expect(prolongActivation(machine, id, 30)).rejects.toThrow("It was not confirmed in time");
        expect((await revertActivation(machine, id, "It could not be confirmed")).state).toBe("rolled-back");
        expect(await stateOf(crown)).toEqual({ ...all("old"), ran: ["cut boot", "cut switch", "old switch"] });
      },
    );

    test.skipIf(isQuick)(
      "the cable is out: it goes back by itself, and floe hears of it when the cable is in",
      async () => {
        const id = await started(await made("slow", { onSwitch: "sleep 2" }), { confirmSeconds: 2 });
        await untilState(id, "switching");
        await crown.cutNetwork();
        const end = await awaitActivation(machine, id, { awayMs: 1_000 });
        expect(end).toMatchObject({ state: "lost", lostBy: "unreachable" });
        const going = revertActivation(machine, id, "It cannot be reached");
        await expect
          .poll(() => crown.sh(`cat /run/floe/activations/${id}/status`), { timeout: 20_000 })
          .toMatch("rolled-back");
        await crown.restoreNetwork();
        expect(await going).toMatchObject({
          state: "rolled-back",
          reason: "It was not confirmed in time: floe did not reach the machine",
        });
        expect(await stateOf(crown)).toMatchObject(all("old"));
      },
    );

    test("systemd is replaced in the middle", async () => {
      const reexec = "systemctl daemon-reexec; systemctl daemon-reload; systemctl reset-failed";
      const { id, state } = await activated(await made("reexec", { onSwitch: reexec }));
      expect(state).toBe("waiting");
      await confirmActivation(machine, id);
      expect(await stateOf(crown)).toMatchObject(all("reexec"));
    });

    test("floe is gone: another one finds it and takes it to the end", async () => {
      const abort = new AbortController();
      const id = await started(await made("slow", { onSwitch: "sleep 2" }));
      const following = awaitActivation(machine, id, { signal: abort.signal });
      abort.abort();
      await expect(following).rejects.toThrow("Cancelled");
      const other = openMachine("crown", { kind: "ssh", destination: "crown" }, { env: lab.env });
      const [found] = await readActivations(other);
      expect(found).toMatchObject({ id, by: "me@desk", state: expect.stringMatching(/booting|switching|waiting/) });
      expect((await awaitActivation(other, id)).state).toBe("waiting");
      await confirmActivation(other, id);
      await other.close();
      expect(await stateOf(crown)).toMatchObject(all("slow"));
    });

    test.skipIf(isQuick)("a clock that is wrong, and jumps, changes nothing", async () => {
      await crown.setClock("+3h");
      try {
        const id = await started(fresh, { confirmSeconds: 30 });
        expect((await awaitActivation(machine, id)).state).toBe("waiting");
        await crown.setClock("-3h");
        const now = await readActivationOf(machine, id);
        expect(now?.state).toBe("waiting");
        expect(now?.secondsLeft).toBeGreaterThan(10);
        expect(now?.ageSeconds).toBeLessThan(30);
        await confirmActivation(machine, id);
      } finally {
        await crown.setClock(null);
      }
      expect(await stateOf(crown)).toMatchObject(all("new"));
    });

    test("no room for the records: the switch goes its way and says so", async () => {
      await crown.sh(
        "mkdir -p /var/lib/floe; mount -t tmpfs -o size=16k tmpfs /var/lib/floe; head -c 1M /dev/zero >/var/lib/floe/x || true",
      );
      try {
        const { id, state } = await activated(fresh);
        expect(state).toBe("waiting");
        const end = await confirmActivation(machine, id);
        expect(end).toMatchObject({
          state: "confirmed",
          reason: "It could not be written to /var/lib/floe/generations",
        });
        const back = await activated(await made("broken", { onSwitch: "exit 1" }));
        expect(back.state).toBe("rolled-back");
        expect(back.log).toContain("broken switch");
      } finally {
        await crown.sh("umount /var/lib/floe");
      }
      expect(await stateOf(crown)).toMatchObject(all("new"));
    });
  });

  describe("reboots in the middle", () => {
    const slow = () => made("slow", { onSwitch: "[ -e /run/booted-fake ] && exit 0; sleep 60" });

    test.each(isQuick ? (["power"] as const) : (["clean", "power"] as const))(
      "%s, while it is switched: the new system boots, and is confirmed",
      async (how) => {
        const id = await started(await slow());
        await untilState(id, "switching");
        const following = awaitActivation(machine, id, { awayMs: 60_000 });
        await crown.reboot(how);
        const end = await following;
        expect(end).toMatchObject({ state: "lost", lostBy: "rebooted", lostWhile: "switching", previous: old });
        expect(end.running).toBe(end.system);
        expect(await confirmActivation(machine, id)).toMatchObject({ state: "confirmed" });
        expect(await stateOf(crown)).toMatchObject(all("slow"));
        expect((await generations()).at(-1)).toContain(end.system);
      },
    );

    test.skipIf(isQuick)("while it waits: it goes back when floe says so", async () => {
      const { id } = await activated(fresh);
      await crown.reboot("power");
      const end = await awaitActivation(machine, id);
      expect(end).toMatchObject({ state: "lost", lostBy: "rebooted", lostWhile: "waiting", running: fresh });
      const back = await revertActivation(machine, id, "The page did not answer");
      expect(back).toMatchObject({ state: "rolled-back", reason: "The page did not answer" });
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });

    test("what was not made the one that boots cannot be confirmed", async () => {
      const id = await started(await made("slow", { onBoot: "sleep 60", onSwitch: "true" }));
      await untilState(id, "booting");
      // Only once the new system has made itself the one that boots: else it would do so afterwards.
      await crown.sh(`until readlink /boot-default | grep -q slow; do sleep 0.1; done; ln -sfn ${old} /boot-default`);
      await crown.reboot("power");
      expect(await awaitActivation(machine, id)).toMatchObject({ state: "lost", lostBy: "rebooted", running: old });
      await expect(confirmActivation(machine, id)).rejects.toThrow(`${old} runs there, not`);
      expect((await revertActivation(machine, id, "It rebooted")).state).toBe("rolled-back");
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });
  });

  describe("one at a time", () => {
    const refusal = async (work: Promise<unknown>): Promise<LockedError> => {
      const error = await work.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(LockedError);
      return error as LockedError;
    };

    test("who comes second is told who is at it, since when, and what to do", async () => {
      const { id } = await activated(fresh);
      const { message, hint } = await refusal(startActivation(machine, requestOf(fresh)));
      expect(message).toMatch(
        /^"crown" is switched, and waits to be confirmed, by me@desk \(fleet "home"\) since \d+ seconds$/,
      );
      expect(hint).toMatch(/^It goes back by itself in \d+ seconds/);
      await confirmActivation(machine, id);
    });

    test("of several at once one goes through", async () => {
      const ids = Array.from({ length: 4 }, () => `race-${randomBytes(3).toString("hex")}`);
      const ends = await Promise.allSettled(ids.map((id) => startActivation(machine, requestOf(fresh, { id }))));
      const went = ids.filter((_, index) => ends[index]?.status === "fulfilled");
      expect(went).toHaveLength(1);
      for (const end of ends) if (end.status === "rejected") expect(end.reason).toBeInstanceOf(LockedError);
      expect((await awaitActivation(machine, went[0] as string)).state).toBe("waiting");
      await confirmActivation(machine, went[0] as string);
      expect((await stateOf(crown)).ran).toEqual(["new boot", "new switch"]);
    });

    test("asked twice with the same name, it is begun once", async () => {
      const request = requestOf(fresh);
      await startActivation(machine, request);
      await startActivation(machine, request);
      await awaitActivation(machine, request.id);
      await confirmActivation(machine, request.id);
      expect((await stateOf(crown)).ran).toEqual(["new boot", "new switch"]);
    });

    test("a supervisor that was killed holds nothing up; it is lost, and can be taken back", async () => {
      const { id } = await activated(fresh);
      await crown.sh(`kill -KILL ${await supervisor(id)}`);
      expect(await awaitActivation(machine, id)).toMatchObject({
        state: "lost",
        lostBy: "killed",
        lostWhile: "waiting",
      });
      const next = await activated(await made("newer"));
      expect(next.state).toBe("waiting");
      await confirmActivation(machine, next.id);
      const other = await activated(fresh);
      await crown.sh(`kill -KILL ${await supervisor(other.id)}`);
      expect((await revertActivation(machine, other.id, "It is lost")).state).toBe("rolled-back");
      expect(await stateOf(crown)).toMatchObject(all("newer"));
    });

    test("a switch without its supervisor is not doubled, and ends when it is taken back", async () => {
      const id = await started(await made("orphan", { onSwitch: "sleep 50" }));
      await untilState(id, "switching");
      await crown.sh(`kill -KILL ${await supervisor(id)}`);
      const { message, hint } = await refusal(startActivation(machine, requestOf(fresh)));
      expect(message).toContain("goes on without its supervisor, as process");
      expect(hint).toMatch(/kill -- -\d+$/);
      expect(await awaitActivation(machine, id)).toMatchObject({ state: "lost", lostBy: "killed" });
      expect((await revertActivation(machine, id, "It is lost")).state).toBe("rolled-back");
      expect(await crown.sh("pgrep -f '[s]leep 50' || true")).toBe("");
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });

    test("stopped by hand: it can be taken back", async () => {
      const { id } = await activated(fresh);
      await crown.sh(`systemctl stop floe-activate-${id}`);
      expect(await awaitActivation(machine, id)).toMatchObject({ state: "lost", lostBy: "killed" });
      expect((await revertActivation(machine, id, "It is lost")).state).toBe("rolled-back");
      expect(await stateOf(crown)).toMatchObject(all("old"));
    });

    test("nixos-rebuild is not disturbed", async () => {
      await crown.sh("systemd-run --quiet --unit=nixos-rebuild-switch-to-configuration sleep 600");
      const { message, hint } = await refusal(startActivation(machine, requestOf(fresh)));
      expect(message).toBe(
        '"crown" is being switched by nixos-rebuild (nixos-rebuild-switch-to-configuration.service)',
      );
      expect(hint).toContain("systemctl status");
      await crown.sh("systemctl stop nixos-rebuild-switch-to-configuration");
      await crown.sh("mkdir -p /run/nixos; flock /run/nixos/switch-to-configuration.lock sleep 600 >/dev/null 2>&1 &");
      const byHand = await refusal(startActivation(machine, requestOf(fresh)));
      expect(byHand.message).toContain("a switch-to-configuration that floe did not start");
      await crown.sh("pkill -f '[s]leep 600'; rm -r /run/nixos");
      expect((await stateOf(crown)).ran).toEqual([]);
    });

    test.skipIf(isQuick)("the last ten are kept", async () => {
      for (let count = 0; count < 3; count++) await activated(fresh, { action: "boot" });
      const counts = await crown.sh("for d in /run /var/lib; do ls $d/floe/activations | wc -l; done");
      for (const count of counts.split("\n")) expect(Number(count)).toBeLessThanOrEqual(11);
    });
  });
});
