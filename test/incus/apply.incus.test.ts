import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PlanStaleError } from "../../src/errors.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import {
  buildOf,
  type ContainerSpec,
  outcomes,
  passes,
  servesPage,
  stepsOf,
  told,
  type World,
  worldOf,
} from "./apply-support.ts";

describe.skipIf(skipIncus())("an apply on the real Incus", () => {
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

  /** One container with one instance of the same name. */
  const one = (
    name: string,
    instance: ContainerSpec["instances"][string] = {},
    more: Partial<ContainerSpec> = {},
  ): Record<string, ContainerSpec> => ({ [name]: { page: name, instances: { [name]: instance }, ...more } });
  const configOf = async (name: string) => (await incus.client.getInstance(incus.project, name))?.value.config ?? {};
  /** Counts up with each start. */
  const startedAt = async (name: string) => (await incus.client.getInstance(incus.project, name))?.value.last_used_at;

  describe("a new instance", () => {
    test.each<[string, Partial<ContainerSpec>, ContainerSpec["instances"][string], RegExp]>([
      ["ends at once", { broken: "exits" }, { health: [{ ...servesPage, withinMs: 60_000 }] }, /It stopped by itself/],
      [
        "never answers",
        { broken: "silent" },
        { health: [{ ...servesPage, withinMs: 300 }] },
        /Not healthy within 300 ms/,
      ],
      [
        "has a device that Incus refuses",
        {},
        { devices: { odd: { type: "unix-char", path: "/dev/does-not-exist" } } },
        /The required device path doesn't exist/,
      ],
    ])("that %s goes away again, and the reason stays", async (_what, more, instance, reason) => {
      const { report } = await world.apply(one("fresh", instance, more));
      expect(report.exitCode).toBe(4);
      expect(report.changes.at(-1)).toMatchObject({
        name: "fresh",
        outcome: "undone",
        error: expect.stringMatching(reason),
      });
      expect((await world.instances()).filter((line) => line.startsWith("fresh"))).toEqual([]);
      expect(await incus.client.getAlias(incus.project, "fresh")).toBeUndefined();
    });

    test("whose port was taken after the plan goes away again", async () => {
      const port = await freePort();
      const wanted = one("late", { ports: [{ listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" }] });
      const plan = await world.plan(wanted);
      const build = async (...args: Parameters<ReturnType<typeof buildOf>>) => {
        const devices = { p: { type: "proxy", listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" } };
        await incus.client.updateInstance(incus.project, "rival", { ...rival, devices });
        return buildOf(wanted)(...args);
      };
      await world.apply({ ...one("rival") }, { fleet: "work" });
      const { value: rival } = (await incus.client.getInstance(incus.project, "rival")) as NonNullable<
        Awaited<ReturnType<typeof incus.client.getInstance>>
      >;
      const { report } = await world.apply(wanted, { plan, build });
      expect(report.changes.at(-1)?.error).toMatch(
        new RegExp(`Cannot start the instance "late": the port 127.0.0.1:${port} is held by incusd \\(process \\d+\\)`),
      );
      expect((await world.instances()).filter((line) => line.startsWith("late"))).toEqual([]);
    });
  });

  describe("config and devices", () => {
    beforeAll(async () => {
      await world.apply(one("app", { health: [servesPage] }));
    });

    test("a limit and a port change while it runs", async () => {
      const port = await freePort();
      const before = await startedAt("app");
      const { report, events } = await world.apply(
        one("app", {
          health: [servesPage],
          config: { "limits.memory": "200MiB" },
          ports: [{ listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" }],
        }),
      );
      expect(outcomes(report)).toEqual(["live instance app: done"]);
      expect(stepsOf(events)).toEqual(["update", "health", "commit"]);
      expect((await (await fetch(`http://127.0.0.1:${port}/`)).text()).trim()).toBe("app");
      expect(await startedAt("app")).toBe(before);
    });

    test("what needs a restart gets one", async () => {
      const before = await startedAt("app");
      const { report, events } = await world.apply(
        one("app", { health: [servesPage], config: { "environment.GREETING": "hello" } }),
      );
      expect(outcomes(report)).toEqual(["restart instance app: done"]);
      expect(stepsOf(events)).toEqual(["update", "stop", "start", "health", "commit"]);
      expect(await startedAt("app")).not.toBe(before);
      expect(await configOf("app")).not.toHaveProperty("limits.memory");
      expect(
        told(
          await world.plan(one("app", { health: [servesPage], config: { "environment.GREETING": "hello" } })),
        ).filter((line) => !line.startsWith("none")),
      ).toEqual([]);
    });

    const good = { health: [servesPage], config: { "environment.GREETING": "hello" } };
    test("one that does not become healthy with them gets the old ones back, and runs", async () => {
      const port = await freePort();
      const bad = {
        health: [passes('test "$GREETING" = hello && test ! -e /dev/odd')],
        config: { "environment.GREETING": "bad" },
        ports: [{ listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" }],
      };
      const { report, events } = await world.apply(one("app", bad));
      expect(outcomes(report)[0]).toMatch(/^restart instance app: undone: "app" is not healthy/);
      expect(report.exitCode).toBe(4);
      expect(stepsOf(events)).toEqual(["update", "stop", "start", "health", "stop", "revert", "start", "unmark"]);
      expect(await configOf("app")).toMatchObject({ "environment.GREETING": "hello" });
      expect(Object.keys((await incus.client.getInstance(incus.project, "app"))?.value.devices ?? {})).toEqual([]);
      expect(await world.page("app")).toBe("app");
      expect(told(await world.plan(one("app", good))).filter((line) => !line.startsWith("none"))).toEqual([]);
    });

    test("a device that Incus refuses changes nothing", async () => {
      const before = await startedAt("app");
      const { report } = await world.apply(
        one("app", { ...good, devices: { odd: { type: "proxy", listen: "tcp:127.0.0.1:1", connect: "nonsense" } } }),
      );
      expect(report.changes[0]).toMatchObject({
        outcome: "undone",
        error: expect.stringMatching(/Cannot update the instance "app"/),
      });
      expect(await startedAt("app")).toBe(before);
      expect(told(await world.plan(one("app", good))).filter((line) => !line.startsWith("none"))).toEqual([]);
    });

    test("somebody else who writes at the same moment loses nothing, and neither do we", async () => {
      let writes = 0;
      const others = async (): Promise<void> => {
        for (; writes < 40; writes++)
          await incus.client.patchInstance(incus.project, "app", { config: { "user.note": String(writes) } });
      };
      const [{ report }] = await Promise.all([
        world
          .apply(one("app", { ...good, config: { ...good.config, "limits.cpu": "1" } }), {
            plan: await world.plan(one("app", { ...good, config: { ...good.config, "limits.cpu": "1" } })),
          })
          .catch(staleOnce),
        others(),
      ]);
      if (report !== undefined) expect(outcomes(report)).toEqual(["live instance app: done"]);
      else await world.apply(one("app", { ...good, config: { ...good.config, "limits.cpu": "1" } }));
      expect(await configOf("app")).toMatchObject({ "user.note": "39", "limits.cpu": "1" });
    });

    test("what was set by hand stays, and is put back on request", async () => {
      await incus.client.patchInstance(incus.project, "app", {
        config: { "limits.cpu": "2", "limits.processes": "500" },
      });
      const wanted = one("app", { ...good, config: { ...good.config, "limits.cpu": "1" } });
      const { plan } = await world.apply(wanted);
      expect(told(plan).filter((line) => line.startsWith("  "))).toEqual([
        "  kept config.limits.cpu: 1 -> 2 (changed by hand)",
        "  kept config.limits.processes:  -> 500 (added by hand)",
        "  kept config.user.note:  -> 39 (added by hand)",
      ]);
      expect(await configOf("app")).toMatchObject({ "limits.cpu": "2", "limits.processes": "500" });
      expect(outcomes((await world.apply(wanted, { drift: "fix" })).report)).toEqual(["live instance app: done"]);
      expect(await configOf("app")).toMatchObject({ "limits.cpu": "1" });
      expect(await configOf("app")).not.toHaveProperty("limits.processes");
    });

    test("one that was stopped by hand is started; with autostart: false it is left alone", async () => {
      const wanted = one("app", { ...good, config: { ...good.config, "limits.cpu": "1" } });
      await incus.client.setInstanceState(incus.project, "app", "stop", { force: true });
      expect(outcomes((await world.apply(wanted)).report)).toEqual(["start instance app: done"]);
      const resting = one("app", { ...good, autostart: false, config: { ...good.config, "limits.cpu": "1" } });
      await world.apply(resting);
      await incus.client.setInstanceState(incus.project, "app", "stop", { force: true });
      expect(told(await world.plan(resting))).toContain("none instance app -");
      const next = { app: { ...resting["app"], page: "app-2" } } as Record<string, ContainerSpec>;
      expect(outcomes((await world.apply(next)).report).at(-1)).toBe("swap instance app: done");
      expect((await world.instances()).filter((line) => line.startsWith("app"))).toEqual([
        "app-previous: Stopped previous",
        "app: Stopped current",
      ]);
    });
  });

  test("two containers: one fails, the other is not affected; of one image, the rest is spared", async () => {
    const fleet = (page: string, broken?: "silent"): Record<string, ContainerSpec> => ({
      bad: {
        page: `bad-${page}`,
        ...(broken === undefined ? {} : { broken }),
        instances: {
          "bad-1": { health: [{ ...servesPage, withinMs: 1000 }] },
          "bad-2": { health: [{ ...servesPage, withinMs: 1000 }] },
        },
      },
      fine: { page: `fine-${page}`, instances: { fine: { health: [servesPage] } } },
    });
    expect((await world.apply(fleet("1"), { fleet: "pair" })).report.exitCode).toBe(0);
    const { report } = await world.apply(fleet("2", "silent"), { fleet: "pair" });
    expect(
      outcomes(report)
        .map((line) => line.split(": ").slice(0, 2).join(": "))
        .sort(),
    ).toEqual([
      "create image bad: done",
      "create image fine: done",
      "swap instance bad-1: undone",
      "swap instance bad-2: skipped",
      "swap instance fine: done",
    ]);
    expect(report.changes.find(({ name }) => name === "bad-2")?.error).toBe(
      '"bad-1", made from the same image, failed before',
    );
    expect(report.exitCode).toBe(4);
    expect(await Promise.all(["bad-1", "bad-2", "fine"].map((name) => world.page(name)))).toEqual([
      "bad-1",
      "bad-1",
      "fine-2",
    ]);
  });

  test("an image that cannot be built spares its instances, and nothing runs differently", async () => {
    const { report } = await world.apply(one("unbuilt"), {
      fleet: "unbuilt",
      build: async () => ({ unbuilt: { ok: false, error: "builder failed", hint: "see the log" } }),
    });
    expect(outcomes(report)).toEqual([
      "create image unbuilt: undone: builder failed",
      'create instance unbuilt: skipped: The image of "unbuilt" could not be made',
    ]);
    expect(report.exitCode).toBe(4);
  });

  test("a plan of yesterday is refused", async () => {
    const wanted = one("old", { config: { "limits.cpu": "1" } });
    await world.apply(one("old"), { fleet: "old" });
    const plan = await world.plan(wanted, { fleet: "old" });
    await incus.client.patchInstance(incus.project, "old", { config: { "limits.memory": "100MiB" } });
    await expect(world.apply(wanted, { fleet: "old", plan })).rejects.toThrowError(PlanStaleError);
    expect(await configOf("old")).not.toHaveProperty("limits.cpu");
  });

  test("orphans are told, and deleted with what was kept of them only on request; volumes stay", async () => {
    const volumes = { "/data": { pool: "default", name: "gone-data", existing: false } };
    await world.apply({ gone: { page: "gone-1", instances: { gone: { volumes } } } }, { fleet: "gone" });
    await world.apply({ gone: { page: "gone-2", instances: { gone: { volumes } } } }, { fleet: "gone" });
    expect(told((await world.apply({}, { fleet: "gone" })).plan)).toEqual(["orphan gone"]);
    expect(await world.page("gone")).toBe("gone-2");
    const { report } = await world.apply({}, { fleet: "gone", prune: true });
    expect(outcomes(report)).toEqual(["delete instance gone: done"]);
    expect((await world.instances()).filter((line) => line.startsWith("gone"))).toEqual([]);
    expect(
      (await incus.client.listImages(incus.project)).filter(({ properties }) => properties["floe.fleet"] === "gone"),
    ).toEqual([]);
    expect(await incus.client.getVolume(incus.project, "default", "gone-data")).toBeDefined();
  });

  test("an orphan with a snapshot stays", async () => {
    await world.apply(one("dear"), { fleet: "dear" });
    await incus.client.request("POST", `/1.0/instances/dear/snapshots?project=${incus.project}`, { name: "s0" });
    const { report } = await world.apply({}, { fleet: "dear", prune: true });
    expect(outcomes(report)).toEqual(['delete instance dear: undone: "dear" has snapshots']);
    expect(await world.page("dear")).toBe("dear");
  });

  function staleOnce(error: unknown): { readonly report?: undefined } {
    if (error instanceof PlanStaleError) return {};
    throw error;
  }
});
