/** Activation of real systems of firn, by a user who becomes root with sudo, on a machine with little memory. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type ActivationEnd,
  awaitActivation,
  confirmActivation,
  revertActivation,
  startActivation,
} from "../../src/apply/activation/activation.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { openMachine } from "../../src/machine/open.ts";
import { addFirnBase, firnSystem } from "../support/firn-system.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { type SshLab, type SshMachine, sshLab } from "../support/ssh-machine.ts";
import { fakeSystem, requestOf } from "./activation-support.ts";

describe.skipIf(skipIncus() || skipMachines())("activation of firn hosts", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"keep">;
  let keep: SshMachine;
  let machine: Machine;
  let old: string;
  beforeAll(async () => {
    await addFirnBase();
    incus = await testIncus();
    lab = await sshLab(incus, { keep: { elevation: "sudo-password", memory: "300MiB" } });
    keep = lab.machines.keep;
    machine = openMachine(
      "keep",
      { kind: "ssh", destination: "keep" },
      { env: lab.env, askPassword: async () => keep.password },
    );
    old = await system("exec sleep 1000001");
    await keep.installSystem(old);
  }, 240_000);
  afterAll(async () => {
    await machine?.close();
    await lab?.remove();
    await incus?.remove();
  });

  const system = (script: string) => firnSystem({ hostName: "keep", config: `services.web.script = "${script}";` });
  const runs = (script: string) =>
    keep.sh(`pgrep -f '[${script[0]}]${script.slice(1)}' >/dev/null && echo yes || echo no`);
  async function activated(toplevel: string): Promise<ActivationEnd> {
    await keep.addClosure(toplevel);
    const request = requestOf(toplevel, { id: `keep-${toplevel.slice(11, 19)}` });
    await startActivation(machine, request);
    return awaitActivation(machine, request.id);
  }

  test("what it starts runs on when the supervisor has ended", async () => {
    const next = await system("exec sleep 1000002");
    const end = await activated(next);
    expect(end).toMatchObject({ state: "waiting", exitCode: 0, previous: old });
    expect(await confirmActivation(machine, end.id)).toMatchObject({ state: "confirmed" });
    expect(await keep.systemOf()).toEqual({ current: next, profile: next, boot: next });
    expect(await runs("sleep 1000002")).toBe("yes");
    expect((await revertActivation(machine, end.id, "Another host failed")).state).toBe("rolled-back");
    expect(await keep.systemOf()).toEqual({ current: old, profile: old, boot: old });
    expect([await runs("sleep 1000001"), await runs("sleep 1000002")]).toEqual(["yes", "no"]);
    // Both were accepted, so neither is unknown to the next one who comes.
    const known = await keep.sh("cut -f2 /var/lib/floe/generations");
    expect(known.split("\n").slice(-2)).toEqual([next, old]);
  });

  test("a service that fails is named", async () => {
    const end = await activated(await system("exit 3"));
    expect(end).toMatchObject({ state: "waiting", exitCode: 4, newlyFailed: ["web.service"] });
    expect((await revertActivation(machine, end.id, "web.service failed")).state).toBe("rolled-back");
    expect(await keep.systemOf()).toEqual({ current: old, profile: old, boot: old });
  });

  test("a switch that needs more memory than there is: it is killed, and the machine goes back", async () => {
    const greedy = await fakeSystem("greedy", { onSwitch: "tail /dev/zero || exit 137" });
    const end = await activated(greedy);
    expect(end).toMatchObject({ state: "rolled-back", exitCode: 137, reason: "The switch was killed" });
    expect(await keep.systemOf()).toMatchObject({ current: old, profile: old });
    expect(await runs("sleep 1000001")).toBe("yes");
  });
});
