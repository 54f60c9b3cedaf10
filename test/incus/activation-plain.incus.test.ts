/**
 * Activation where no systemd runs: an Incus instance that is reached without sshd, whose /run outlives a reboot and whose first
 * process waits for nobody's children. The supervisor and all that is asked of it run in a busybox, and in a bash.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type ActivationRequest,
  awaitActivation,
  confirmActivation,
  readActivationOf,
  revertActivation,
  startActivation,
} from "../../src/apply/activation/activation.ts";
import {
  confirmScript,
  followScript,
  listScript,
  prolongScript,
  revertScript,
  startScript,
} from "../../src/apply/activation/calls.ts";
import { supervisorScript } from "../../src/apply/activation/supervisor.ts";
import { LockedError } from "../../src/errors.ts";
import { connect } from "../../src/incus/connect.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { openMachine } from "../../src/machine/open.ts";
import { skipIncus, type TestIncus, testIncus, testSocket } from "../support/incus.ts";
import { machineImage, skipMachines } from "../support/machine-image.ts";
import { run } from "../support/run.ts";
import { importClosure } from "../support/ssh-machine.ts";
import { fakeSystem, requestOf, stateOf } from "./activation-support.ts";

const init = "#!/bin/sh\ntrap 'exit 0' PWR TERM INT\nwhile :; do sleep 1; done\n";

describe.skipIf(skipIncus() || skipMachines())("activation without systemd", { timeout: 60_000 }, () => {
  let incus: TestIncus;
  let machine: Machine;
  beforeAll(async () => {
    incus = await testIncus();
    const image = await machineImage();
    await incus.client.uploadImage(incus.project, image);
    await incus.client.createInstance(incus.project, {
      name: "box",
      type: "container",
      profiles: ["default"],
      config: { "raw.lxc": "lxc.init.cmd = /sbin/plain-init" },
      devices: {},
      source: { type: "image", fingerprint: image.fingerprint },
    });
    await incus.client.putFile(incus.project, "box", "/sbin/plain-init", init, { mode: "0755" });
    await incus.client.setInstanceState(incus.project, "box", "start");
    const busybox = Buffer.from(await run("sh", ["-c", "base64 -w0 $(command -v busybox)"]), "base64");
    await sh("mkdir -p /opt/busybox/bin");
    await incus.client.putFile(incus.project, "box", "/opt/busybox/bin/busybox", busybox, { mode: "0755" });
    await sh("cd /opt/busybox/bin; for a in $(./busybox --list); do ln -s busybox $a; done");
    await sh("mkdir -p /opt/bash/bin; ln -s /bin/bash /opt/bash/bin/sh");
    const socket = testSocket() as string;
    machine = openMachine(
      "box",
      { kind: "incus", server: "here", project: incus.project, instance: "box" },
      { connectIncus: () => connect({ name: "local", kind: "unix", socket }) },
    );
  }, 240_000);
  afterAll(async () => {
    await machine?.close();
    await incus?.remove();
  });

  const sh = async (script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await incus.client.exec(incus.project, "box", ["/bin/sh", "-c", script]);
    if (exitCode !== 0) throw new Error(`"${script}" ended with ${exitCode}: ${stderr}`);
    return stdout.trim();
  };
  const made = async (name: string, system: Parameters<typeof fakeSystem>[1]): Promise<string> => {
    const found = await fakeSystem(name, system);
    await importClosure(incus.client, incus.project, "box", found);
    return found;
  };
  const started = async (system: string, more: Partial<ActivationRequest> = {}): Promise<string> => {
    const request = requestOf(system, { id: `box-${randomBytes(3).toString("hex")}`, ...more });
    await startActivation(machine, request);
    return request.id;
  };

  // FLOE_FAULTS=all: bash as well, which differs in less.
  describe.each(process.env.FLOE_FAULTS === "all" ? ["busybox", "bash"] : ["busybox"])("%s", (shell) => {
    const sw = `/opt/${shell}`;
    beforeEach(async () => {
      const old = await made("old", { sw });
      await sh(
        `nix-env -p /nix/var/nix/profiles/system --set ${old}; ${old}/bin/switch-to-configuration switch; rm -f /var/log/switches`,
      );
    });

    test("confirmed", async () => {
      const id = await started(await made("new", { sw }));
      const end = await awaitActivation(machine, id);
      expect(end).toMatchObject({ state: "waiting", hasSystemd: false, newlyFailed: [], exitCode: 0 });
      expect(end.log).toContain("new switch");
      expect(await sh(`tr '\\0' ' ' </proc/$(pgrep -f '[a]ctivations/${id}/supervisor')/cmdline`)).toContain(
        `${sw}/bin/sh `,
      );
      expect((await confirmActivation(machine, id)).state).toBe("confirmed");
      expect(await stateOf({ sh })).toEqual({
        current: "new",
        profile: "new",
        boots: "new",
        ran: ["new boot", "new switch"],
      });
    });

    test("nobody confirms", async () => {
      const id = await started(await made("new", { sw }), { confirmSeconds: 1 });
      await awaitActivation(machine, id);
      await expect
        .poll(async () => (await readActivationOf(machine, id))?.state, { timeout: 20_000 })
        .toBe("rolled-back");
      expect((await stateOf({ sh })).ran).toEqual(["new boot", "new switch", "old switch"]);
    });

    test("services that the switch names as failed, and those that are left running", async () => {
      const after = "setsid sleep 7777 & echo 'warning: the following units failed: web.service, db.service'; exit 4";
      const id = await started(await made("units", { sw, after }));
      expect(await awaitActivation(machine, id)).toMatchObject({
        state: "waiting",
        exitCode: 4,
        newlyFailed: ["db.service", "web.service"],
      });
      await confirmActivation(machine, id);
      expect(await sh("pkill -f '[s]leep 7777' && echo ran")).toBe("ran");
    });

    test("a switch that hangs and prints without an end fills nothing", async () => {
      const onSwitch = "while :; do echo 0123456789012345678901234567890123456789; done";
      const id = await started(await made("loud", { sw, onSwitch }), { limitSeconds: 4 });
      const end = await awaitActivation(machine, id);
      expect(end).toMatchObject({ state: "rolled-back", exitCode: 124 });
      expect(Number(await sh(`wc -c </run/floe/activations/${id}/log`))).toBeLessThan(1_000_000);
    });

    test("one at a time, and a supervisor that was killed", async () => {
      const id = await started(await made("slow", { sw, onSwitch: "sleep 40" }));
      await expect(started(await made("other", { sw }))).rejects.toThrow(LockedError);
      await expect.poll(async () => (await readActivationOf(machine, id))?.state).toBe("switching");
      await sh(`kill -KILL $(pgrep -f '[a]ctivations/${id}/supervisor')`);
      await expect(started(await made("other", { sw }))).rejects.toThrow("goes on without its supervisor");
      expect((await revertActivation(machine, id, "It is lost")).state).toBe("rolled-back");
      expect(await stateOf({ sh })).toMatchObject({ current: "old", profile: "old", boots: "old" });
    });

    test("a restart in the middle: what /run still holds is of another boot", async () => {
      const id = await started(await made("slow", { sw, onSwitch: "sleep 40" }));
      await expect.poll(async () => (await readActivationOf(machine, id))?.state).toBe("switching");
      await incus.client.setInstanceState(incus.project, "box", "restart", { force: true });
      expect(await sh("cat /run/floe/activation.lock")).toContain(id);
      await sh("ln -sfn $(readlink -f /boot-default) /run/current-system");
      expect(await awaitActivation(machine, id)).toMatchObject({
        state: "lost",
        lostBy: "rebooted",
        lostWhile: "switching",
      });
      expect((await confirmActivation(machine, id)).state).toBe("confirmed");
      const next = await started(await made("next", { sw }));
      expect((await awaitActivation(machine, next)).state).toBe("waiting");
      await confirmActivation(machine, next);
    });
  });
});

describe("the scripts", () => {
  const scripts = {
    confirmScript,
    followScript,
    listScript,
    prolongScript,
    revertScript,
    startScript,
    supervisorScript,
  };
  const shells = [["dash"], ["busybox", "sh"], ["bash"], ["bash", "--posix"]] as const;
  test.each(shells.map((shell) => [shell.join(" "), shell] as const))(
    "%s reads them",
    async (_, [program, ...args]) => {
      for (const text of Object.values(scripts)) expect(await run(program, [...args, "-n", "-c", text])).toBe("");
    },
  );

  test("none is longer than a command may be, encoded for ssh", () => {
    for (const text of Object.values(scripts)) expect(text.length).toBeLessThan(32_000);
  });
});
