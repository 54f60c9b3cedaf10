import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
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

describe.skipIf(skipIncus())("a swap on the real Incus", () => {
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

  const data = { "/data": { pool: "default", name: "web-data", existing: false } };
  const web = (
    page: string,
    more: Partial<ContainerSpec> = {},
    instance: ContainerSpec["instances"][string] = {},
  ): Record<string, ContainerSpec> => ({
    web: { page, instances: { web: { health: [servesPage], volumes: data, ...instance } }, ...more },
  });
  const nothingToDo = ["none volume web-data", "none image web", "none instance web -"];

  test("the first apply creates volume, image and instance; the second has nothing to do", async () => {
    const { report } = await world.apply(web("one"));
    expect(outcomes(report)).toEqual([
      "create volume web-data: done",
      "create image web: done",
      "create instance web: done",
    ]);
    expect(await world.page("web")).toBe("one");
    expect(told(await world.plan(web("one")))).toEqual(nothingToDo);
    await world.sh("web", "echo 41 > /data/count");
  });

  test("another image takes over, the old one is kept with its data", async () => {
    const { plan, report, events } = await world.apply(web("two"));
    expect(told(plan)).toMatchInlineSnapshot(`
      [
        "none volume web-data",
        "create image web",
        "replace instance web swap",
        "  image: /nix/store/web-one-fine-1-rootfs -> /nix/store/web-two-fine-1-rootfs (derivation changed)",
      ]
    `);
    expect(outcomes(report)).toEqual(["create image web: done", "swap instance web: done"]);
    expect(stepsOf(events, "web")).toMatchInlineSnapshot(`
      [
        "create",
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
    expect(await world.page("web")).toBe("two");
    expect(await world.sh("web", "cat /data/count")).toBe("41");
    expect(await world.instances()).toEqual(["web-previous: Stopped previous", "web: Running current"]);
    expect(told(await world.plan(web("two")))).toEqual(nothingToDo);
  });

  test.each<[string, Partial<ContainerSpec>, number, RegExp]>([
    [
      "never answers",
      { broken: "silent" },
      500,
      /"web" is not healthy: Not healthy within 500 ms: Command "wget -q -O - http:\/\/127.0.0.1\/" ended with 1: .*refused/,
    ],
    [
      "ends at once",
      { broken: "exits" },
      60_000,
      /"web" is not healthy: It stopped by itself\nLast lines of its log:\n/,
    ],
  ])("an image that %s: the old one comes back in time, with its data", async (_what, broken, withinMs, reason) => {
    const begin = performance.now();
    const { report } = await world.apply(web("three", broken, { health: [{ ...servesPage, withinMs }] }));
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(outcomes(report)[1]).toMatch(/^swap instance web: undone/);
    expect(report.exitCode).toBe(4);
    expect(report.changes[1]?.error).toMatch(reason);
    expect(await world.page("web")).toBe("two");
    expect(await world.sh("web", "cat /data/count")).toBe("41");
    expect(await world.instances()).toEqual([
      "web-failed: Stopped failed",
      "web-previous: Stopped previous",
      "web: Running current",
    ]);
    expect((await incus.client.getAlias(incus.project, "web"))?.value.target).toBe(
      (await incus.client.getInstance(incus.project, "web"))?.value.config["volatile.base_image"],
    );
  });

  test("a device that Incus refuses is found before the old one is stopped", async () => {
    const started = (await incus.client.getInstance(incus.project, "web"))?.value.last_used_at;
    const { report, events } = await world.apply(
      web("four", {}, { mounts: { "/mnt": { source: "/nonexistent/folder", shift: false, readonly: true } } }),
    );
    expect(report.changes[1]?.error).toMatch(
      /Cannot create the instance "web-next": .*Missing source path "\/nonexistent\/folder"/,
    );
    expect(report.exitCode).toBe(4);
    expect(stepsOf(events, "web")).toEqual(["create"]);
    expect((await incus.client.getInstance(incus.project, "web"))?.value.last_used_at).toBe(started);
  });

  test("stopped by the user: before the stop nothing happened, after it the old one runs again", async () => {
    for (const at of ["create", "set-aside", "health"]) {
      const stop = new AbortController();
      const emit = (event: { type: string; step?: string }): void => {
        if (event.type === "step.start" && event.step === at) stop.abort();
      };
      const apply = world.apply(web("four", at === "health" ? { broken: "silent" } : {}), {
        signal: stop.signal,
        emit,
      });
      await expect(apply).rejects.toMatchObject({ exitCode: 130, details: { report: { counts: { undone: 1 } } } });
      expect(await world.page("web")).toBe("two");
      expect((await world.instances()).filter((line) => !line.startsWith("web-failed"))).toEqual([
        "web-previous: Stopped previous",
        "web: Running current",
      ]);
    }
  });

  test("what was set by hand is carried over, and a predecessor with snapshots is not deleted", async () => {
    await incus.client.patchInstance(incus.project, "web", { config: { "limits.memory": "300MiB" } });
    await incus.client.request("POST", `/1.0/instances/web-previous/snapshots?project=${incus.project}`, {
      name: "s0",
    });
    const { plan, report } = await world.apply(web("five"));
    expect(told(plan).filter((line) => /^ {2}(!|kept)/.test(line))).toEqual([
      "  kept config.limits.memory:  -> 300MiB (added by hand)",
      '  ! "web-previous" has snapshots and is not deleted: it gets the name "web-kept"',
    ]);
    expect(report.messages.map(({ text }) => text)).toEqual([
      '"web-previous" has snapshots or is protected: it is kept as "web-kept"',
    ]);
    expect((await incus.client.getInstance(incus.project, "web"))?.value.config["limits.memory"]).toBe("300MiB");
    expect((await world.instances()).filter((line) => !line.startsWith("web-failed"))).toEqual([
      "web-kept: Stopped kept",
      "web-previous: Stopped previous",
      "web: Running current",
    ]);
    expect(told(await world.plan(web("five"))).filter((line) => line.startsWith("orphan"))).toEqual([]);
  });

  test("a rollback goes back, and another one forth", async () => {
    const back = await world.rollback(web("five"), "web");
    expect(outcomes(back.report)).toEqual(["swap instance web: done"]);
    expect(await world.page("web")).toBe("two");
    expect(told(back.plan)).toContain("replace instance web swap");
    await world.rollback(web("five"), "web");
    expect(await world.page("web")).toBe("five");
    expect(await world.sh("web", "cat /data/count")).toBe("41");
    expect(told(await world.plan(web("five"))).filter((line) => line.startsWith("replace"))).toEqual([]);
  });

  test("a rollback to one that does not work leaves both as they were", async () => {
    // The check is the predecessor's own, and it does not pass any more.
    await world.apply(web("six", {}, { health: [passes("test ! -e /data/no-way-back")] }));
    await world.apply(web("seven"));
    await world.sh("web", "touch /data/no-way-back");
    const { report } = await world.rollback(web("seven"), "web");
    expect(outcomes(report)[0]).toMatch(/^swap instance web: undone: "web" is not healthy: Not healthy within 2 s/);
    expect(await world.page("web")).toBe("seven");
    expect((await world.instances()).filter((line) => /^web(-previous)?:/.test(line))).toEqual([
      "web-previous: Stopped previous",
      "web: Running current",
    ]);
  });

  test("keep: 1 deletes the predecessor, and only one image stays; without a predecessor a rollback says so", async () => {
    await world.apply({ solo: { page: "solo-1", instances: { solo: { keep: 1 } } } });
    await world.apply({ solo: { page: "solo-2", instances: { solo: { keep: 1 } } } });
    expect((await world.instances()).filter((line) => line.startsWith("solo"))).toEqual(["solo: Running current"]);
    expect(await imagesOf("solo")).toEqual(["/nix/store/solo-solo-2-fine-1-rootfs"]);
    await expect(
      world.rollback({ solo: { page: "solo-2", instances: { solo: { keep: 1 } } } }, "solo"),
    ).rejects.toThrowError('There is nothing to roll "solo" back to');
  });

  test("keep: 2 keeps two images, and a rollback makes the older one again when its instance is gone", async () => {
    const duo = (page: string): Record<string, ContainerSpec> => ({ duo: { page, instances: { duo: {} } } });
    for (const page of ["duo-1", "duo-2", "duo-3"]) await world.apply(duo(page));
    expect(await imagesOf("duo")).toEqual(["/nix/store/duo-duo-2-fine-1-rootfs", "/nix/store/duo-duo-3-fine-1-rootfs"]);
    await incus.client.deleteInstance(incus.project, "duo-previous");
    const { report } = await world.rollback(duo("duo-3"), "duo");
    expect(outcomes(report)).toEqual(["swap instance duo: done"]);
    expect(await world.page("duo")).toBe("duo-2");
  });

  test("another derivation of the same bytes is no reason to stop anything", async () => {
    const same = (revision: string): Record<string, ContainerSpec> => ({
      same: { page: "same", revision, instances: { same: {} } },
    });
    await world.apply(same("1"));
    const { plan, events } = await world.apply(same("2"));
    expect(told(plan)).toContain("replace instance same swap");
    expect(stepsOf(events, "same")).toEqual(["relabel"]);
    expect(told(await world.plan(same("2"))).filter((line) => line.includes("same"))).toEqual([
      "none image same",
      "none instance same -",
    ]);
  });

  test("the MAC address stays with the name, there and back", async () => {
    const bridge = `flt${process.pid % 100_000}`;
    await run("ip", ["link", "add", bridge, "type", "bridge"]);
    try {
      const nic = (page: string, broken?: "silent"): Record<string, ContainerSpec> => ({
        nic: {
          page,
          ...(broken === undefined ? {} : { broken }),
          instances: { nic: { network: { bridge }, health: [{ ...servesPage, withinMs: 1500 }] } },
        },
      });
      await world.apply(nic("nic-1"));
      const mac = (await incus.client.getInstance(incus.project, "nic"))?.value.config["volatile.eth0.hwaddr"];
      expect(mac).toMatch(/^..:/);
      const inside = async (): Promise<string> => world.sh("nic", "cat /sys/class/net/eth0/address");
      for (const page of ["nic-2", "nic-3"]) {
        expect((await world.apply(nic(page))).report.exitCode).toBe(0);
        expect(await inside()).toBe(mac);
      }
      expect((await world.apply(nic("nic-4", "silent"))).report.exitCode).toBe(4);
      expect(await inside()).toBe(mac);
      expect((await world.rollback(nic("nic-3"), "nic")).report.exitCode).toBe(0);
      expect(await inside()).toBe(mac);
      await incus.client.setInstanceState(incus.project, "nic", "stop", { force: true });
      await incus.client.setInstanceState(incus.project, "nic", "start");
    } finally {
      await incus.client.setInstanceState(incus.project, "nic", "stop", { force: true }).catch(() => {});
      await run("ip", ["link", "delete", bridge]);
    }
  });

  test("a port goes from one to the next, and the answer over it decides", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const out = (page: string, broken?: "silent"): Record<string, ContainerSpec> => ({
      out: {
        page,
        ...(broken === undefined ? {} : { broken }),
        instances: {
          out: {
            ports: [{ listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" }],
            health: [{ kind: "http", url, body: page, withinMs: 3000, intervalMs: 50 }],
          },
        },
      },
    });
    expect((await world.apply(out("out-1"))).report.exitCode).toBe(0);
    expect((await world.apply(out("out-2"))).report.exitCode).toBe(0);
    expect((await (await fetch(url)).text()).trim()).toBe("out-2");
    const { report } = await world.apply(out("out-3", "silent"));
    expect(report.changes.at(-1)?.error).toMatch(
      /Not healthy within 3 s: GET http:\/\/127.0.0.1:\d+\/ failed: connection closed/,
    );
    expect((await (await fetch(url)).text()).trim()).toBe("out-2");
  });

  /** The store paths of a container's images, the oldest first. */
  async function imagesOf(container: string): Promise<(string | undefined)[]> {
    const images = (await incus.client.listImages(incus.project)).filter(
      ({ properties }) => properties["floe.container"] === container,
    );
    return images
      .sort((a, b) => (a.uploaded_at < b.uploaded_at ? -1 : 1))
      .map(({ properties }) => properties["floe.rootfs"]);
  }
});
