import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { UpdateStrategy } from "../../src/model/fleet.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import {
  type ContainerSpec,
  outcomes,
  passes,
  servesPage,
  stepsOf,
  told,
  type World,
  worldOf,
} from "./apply-support.ts";

describe.skipIf(skipIncus())("the update strategies on the real Incus", () => {
  let incus: TestIncus;
  let world: World;
  beforeAll(async () => {
    incus = await testIncus();
    world = worldOf(incus.client, incus.project);
  });
  afterAll(async () => {
    world.removeRoot();
    await incus.remove();
  });

  const one = (
    name: string,
    update: UpdateStrategy,
    page: string,
    more: Partial<ContainerSpec> = {},
    instance: ContainerSpec["instances"][string] = {},
  ): Record<string, ContainerSpec> => ({
    [name]: { page: `${name}-${page}`, instances: { [name]: { update, health: [servesPage], ...instance } }, ...more },
  });
  const mine = async (name: string): Promise<string[]> =>
    (await world.instances()).filter((line) => new RegExp(`^${name}[:-]`).test(line));
  const configOf = async (name: string): Promise<Readonly<Record<string, string>>> =>
    (await incus.client.getInstance(incus.project, name))?.value.config ?? {};
  const startedAt = async (name: string): Promise<string | undefined> =>
    (await incus.client.getInstance(incus.project, name))?.value.last_used_at;
  const done = (report: Parameters<typeof outcomes>[0]): string[] => outcomes(report).slice(-1);

  describe("swap-warm", () => {
    test("the successor proves itself before its predecessor stops", async () => {
      await world.apply(one("warm", "swap-warm", "1"));
      let served = 0;
      const { report, events } = await world.apply(one("warm", "swap-warm", "2"), {
        emit: (event) => {
          if (event.type === "step.end" && event.step === "trial-health") served = Date.now();
        },
      });
      expect(done(report)).toEqual(["swap-warm instance warm: done"]);
      expect(served).toBeGreaterThan(0);
      expect(stepsOf(events, "warm")).toMatchInlineSnapshot(`
        [
          "create",
          "isolate",
          "trial-start",
          "trial-health",
          "trial-stop",
          "mark",
          "stop",
          "park",
          "set-aside",
          "hand-over",
          "take-over",
          "start",
          "health",
          "commit",
          "retire",
        ]
      `);
      expect(await world.page("warm")).toBe("warm-2");
      expect(await mine("warm")).toEqual(["warm-previous: Stopped previous", "warm: Running current"]);
      expect(
        told(await world.plan(one("warm", "swap-warm", "2"))).filter((line) => !/^none|^orphan/.test(line)),
      ).toEqual([]);
    });

    test.each([["silent"], ["exits"]] as const)(
      "an image that is %s never interrupts what serves, and is kept for its logs",
      async (broken) => {
        const before = await startedAt("warm");
        const { report, events } = await world.apply(
          one("warm", "swap-warm", broken, { broken }, { health: [{ ...servesPage, withinMs: 800 }] }),
        );
        expect(done(report)[0]).toMatch(/^swap-warm instance warm: undone: "warm-next" is not healthy: /);
        expect(report.exitCode).toBe(4);
        expect(stepsOf(events, "warm")).not.toContain("mark");
        expect(await startedAt("warm")).toBe(before);
        expect(await world.page("warm")).toBe("warm-2");
        expect(await mine("warm")).toEqual([
          "warm-failed: Stopped failed",
          "warm-previous: Stopped previous",
          "warm: Running current",
        ]);
      },
    );

    test("proved beside it and failed in its place: the predecessor comes back", async () => {
      // In the trial it has another address.
      const mac = "10:66:6a:00:00:02";
      const { report, events } = await world.apply(
        one(
          "warm",
          "swap-warm",
          "3",
          {},
          {
            health: [passes(`test "$(cat /sys/class/net/eth0/address)" != ${mac}`)],
            devices: { eth0: { type: "nic", nictype: "p2p", name: "eth0", hwaddr: mac } },
          },
        ),
      );
      expect(done(report)[0]).toMatch(/^swap-warm instance warm: undone: "warm" is not healthy: /);
      expect(stepsOf(events, "warm")).toContain("take-over");
      expect(await world.page("warm")).toBe("warm-2");
      expect((await mine("warm")).at(-1)).toBe("warm: Running current");
    });

    test("ports and addresses stay where they are during the trial", async () => {
      const nic = { eth0: { type: "nic", nictype: "p2p", name: "eth0", hwaddr: "10:66:6a:00:00:01" } };
      const devices = { ...nic, fuse: { type: "unix-char", source: "/dev/fuse", path: "/dev/fuse" } };
      await world.apply(one("nic", "swap-warm", "1", {}, { devices }));
      const seen: unknown[] = [];
      const { report } = await world.apply(one("nic", "swap-warm", "2", {}, { devices }), {
        emit: (event) => {
          if (event.type === "step.start" && event.step === "trial-health")
            seen.push(incus.client.getInstance(incus.project, "nic-next").then((found) => found?.value.devices));
        },
      });
      expect(done(report)).toEqual(["swap-warm instance nic: done"]);
      expect(await Promise.all(seen)).toEqual([
        { eth0: { type: "nic", nictype: "p2p", name: "eth0" }, fuse: { type: "none" } },
      ]);
      expect((await incus.client.getInstance(incus.project, "nic"))?.value.devices).toEqual(devices);
      expect(await world.sh("nic", "cat /sys/class/net/eth0/address; ls /dev/fuse")).toBe(
        "10:66:6a:00:00:01\n/dev/fuse",
      );
    });
  });

  describe("rebuild", () => {
    test("the same instance gets another root; MAC, uuid and what was set by hand stay", async () => {
      const nic = { eth0: { type: "nic", nictype: "p2p", name: "eth0" } };
      const volumes = { "/data": { pool: "default", name: "re-data", existing: false } };
      await world.apply(one("re", "rebuild", "1", {}, { devices: nic, volumes }));
      await incus.client.patchInstance(incus.project, "re", { config: { "limits.memory": "300MiB" } });
      await world.sh("re", "echo 41 > /data/count; echo lost > /root/lost");
      const before = await configOf("re");
      const { report, events } = await world.apply(one("re", "rebuild", "2", {}, { devices: nic, volumes }));
      expect(done(report)).toEqual(["rebuild instance re: done"]);
      expect(stepsOf(events, "re")).toMatchInlineSnapshot(`
        [
          "mark",
          "stop",
          "update",
          "rebuild",
          "carry",
          "start",
          "health",
          "commit",
        ]
      `);
      expect(await world.page("re")).toBe("re-2");
      expect(await world.sh("re", "cat /data/count; ls /root")).toBe("41");
      const after = await configOf("re");
      for (const key of ["volatile.eth0.hwaddr", "volatile.uuid", "limits.memory"])
        expect(after[key]).toBe(before[key]);
      expect(after["user.floe.previous-image"]).toBe(before["volatile.base_image"]);
      expect(await mine("re")).toEqual(["re: Running current"]);
      expect(
        told(await world.plan(one("re", "rebuild", "2", {}, { devices: nic, volumes }))).filter(
          (line) => !/^none|^orphan|limits.memory/.test(line),
        ),
      ).toEqual([]);
    });

    test.each([["silent"], ["exits"]] as const)("an image that is %s: the one before is back", async (broken) => {
      const { report } = await world.apply(
        one("re", "rebuild", broken, { broken }, { health: [{ ...servesPage, withinMs: 800 }] }),
      );
      expect(done(report)[0]).toMatch(/^rebuild instance re: undone: "re" is not healthy: /);
      expect(report.exitCode).toBe(4);
      expect(await world.page("re")).toBe("re-2");
      expect(await world.sh("re", "cat /data/count")).toBe("41");
      expect(Object.keys(await configOf("re")).filter((key) => /rebuilding|pending|resume/.test(key))).toEqual([]);
    });

    test("a rollback rebuilds from the image before, and another one comes back; both images are kept", async () => {
      const back = await world.rollback(one("re", "rebuild", "2"), "re");
      expect(outcomes(back.report)).toEqual(["rebuild instance re: done"]);
      expect(await world.page("re")).toBe("re-1");
      expect(told(back.plan)).toContain("replace instance re rebuild");
      await world.rollback(one("re", "rebuild", "2"), "re");
      expect(await world.page("re")).toBe("re-2");
      expect(await world.sh("re", "cat /data/count")).toBe("41");
    });

    test("a rollback is held to the checks that the image before passed", async () => {
      const serves = (page: string) => ({
        health: [{ ...passes(`wget -q -O - http://127.0.0.1/ | grep ${page}`), withinMs: 4000 }],
      });
      await world.apply(one("held", "rebuild", "1", {}, serves("held-1")));
      await world.apply(one("held", "rebuild", "2", {}, serves("held-2")));
      const described = one("held", "rebuild", "2", {}, serves("held-2"));
      expect(outcomes((await world.rollback(described, "held")).report)).toEqual(["rebuild instance held: done"]);
      expect(await world.page("held")).toBe("held-1");
      expect((await configOf("held"))["user.floe.health"]).toContain("held-1");
      expect(outcomes((await world.rollback(described, "held")).report)).toEqual(["rebuild instance held: done"]);
      expect(await world.page("held")).toBe("held-2");
    });

    test("a volume that only it writes to forbids a warm swap, in the plan", async () => {
      const volumes = { "/data": { pool: "default", name: "re-data", existing: false } };
      const plan = await world.plan(one("re", "swap-warm", "2", {}, { volumes }));
      expect(told(plan).filter((line) => line.startsWith("problem"))).toEqual([
        'problem instance re: It writes to the volume "re-data" at "/data", and in a warm swap its successor would write there at the same time',
      ]);
    });

    test("snapshots forbid it", async () => {
      await incus.client.request("POST", `/1.0/instances/re/snapshots?project=${incus.project}`, { name: "s0" });
      const before = await startedAt("re");
      const { report, plan } = await world.apply(one("re", "rebuild", "3"), { options: { partial: true } });
      expect([...plan.problems.map(({ message }) => message), ...outcomes(report)].join("\n")).toMatch(
        /"re" has snapshots: a rebuild would lose them/,
      );
      expect(await startedAt("re")).toBe(before);
      await incus.client.request("DELETE", `/1.0/instances/re/snapshots/s0?project=${incus.project}`);
    });

    test("so does an image that is gone, for then there is no way back", async () => {
      const base = (await configOf("re"))["volatile.base_image"] ?? "";
      await incus.client.deleteImage(incus.project, base);
      const before = await startedAt("re");
      const { report, plan } = await world.apply(one("re", "rebuild", "4"), { options: { partial: true } });
      expect([...plan.problems.map(({ message }) => message), ...outcomes(report)].join("\n")).toMatch(
        /The image that "re" runs is not on the server any more/,
      );
      expect(await startedAt("re")).toBe(before);
      // The way out.
      expect(done((await world.apply(one("re", "swap", "4"))).report)).toEqual(["swap instance re: done"]);
      expect(await world.page("re")).toBe("re-4");
    });
  });

  describe("host keys and machine id", () => {
    const id = "0123456789abcdef0123456789abcdef";
    const look =
      "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key.pub; ls -ln /etc/ssh/ssh_host_ed25519_key";

    test("go from root to root, whatever the strategy", async () => {
      await world.apply(one("id", "swap", "1"));
      await world.sh(
        "id",
        `mkdir -p /etc/ssh; echo ${id} > /etc/machine-id; echo public > /etc/ssh/ssh_host_ed25519_key.pub; echo other > /etc/ssh/sshd_config; umask 077; echo secret > /etc/ssh/ssh_host_ed25519_key`,
      );
      for (const [update, page] of [
        ["swap", "2"],
        ["rebuild", "3"],
        ["swap-warm", "4"],
        ["rebuild", "5"],
        ["swap", "6"],
      ] as const) {
        const { report } = await world.apply(one("id", update, page));
        expect(report.exitCode, `${update} ${page}`).toBe(0);
        expect(await world.page("id")).toBe(`id-${page}`);
        expect(await world.sh("id", look)).toMatch(
          new RegExp(`^${id}\nsecret\npublic\n-rw------- +1 0 +0 +7 .*ed25519_key$`),
        );
        expect(await world.sh("id", "ls /etc/ssh")).toBe("ssh_host_ed25519_key\nssh_host_ed25519_key.pub");
      }
    });

    test("an undone rebuild has them too", async () => {
      const { report } = await world.apply(
        one("id", "rebuild", "7", { broken: "silent" }, { health: [{ ...servesPage, withinMs: 500 }] }),
      );
      expect(report.exitCode).toBe(4);
      expect(await world.sh("id", look)).toMatch(/^0123.*\nsecret\npublic\n/);
    });
  });
});
