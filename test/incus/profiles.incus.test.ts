/** The fleet's own profiles on the real Incus: synced, refused, put back, and whole after floe was killed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Profile } from "../../src/model/fleet.ts";
import { label } from "../../src/plan/labels.ts";
import { skipIncus, type TestIncus, testIncus, testSocket } from "../support/incus.ts";
import { run } from "../support/run.ts";
import {
  type Applied,
  type ContainerSpec,
  outcomes,
  passes,
  servesPage,
  stepsOf,
  told,
  type World,
  type WorldOptions,
  worldOf,
} from "./apply-support.ts";
import type { Orders } from "./profiles-runner.ts";

const source = { file: "profiles.ts", line: 1, column: 1 };
const profile = (config: Record<string, string>, devices: Profile["devices"] = {}): Profile => ({
  name: "base",
  source,
  description: "of the test",
  config,
  devices,
});
const uses = { profiles: ["default", "base"], health: [servesPage] };
const containers: Record<string, ContainerSpec> = {
  web: { page: "one", instances: { "web-1": uses, "web-2": uses } },
};

describe.skipIf(skipIncus())("own profiles on the real Incus", () => {
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

  const apply = (base: Profile, options: WorldOptions & { containers?: typeof containers } = {}): Promise<Applied> =>
    world.apply(options.containers ?? containers, { ...options, profiles: { base } });
  const planned = async (base: Profile, specs = containers): Promise<string[]> =>
    told(await world.plan(specs, { profiles: { base } })).filter((line) => !/^\w+ image /.test(line));
  const there = async () => (await incus.client.getProfile(incus.project, "base"))?.value;
  const content = async () => {
    const { config = {}, devices = {} } = (await there()) ?? {};
    return {
      config: Object.fromEntries(Object.entries(config).filter(([key]) => !key.startsWith("user.floe."))),
      devices,
    };
  };
  const startedAt = (name: string): Promise<string> => world.sh(name, "stat -c %Y /proc/1");
  const everybodyStarts = async (): Promise<void> => {
    for (const name of ["web-1", "web-2"]) {
      await incus.client.setInstanceState(incus.project, name, "stop", { force: true });
      await incus.client.setInstanceState(incus.project, name, "start");
    }
    await expect.poll(() => world.page("web-1").catch(() => "")).toBe("one");
    await expect.poll(() => world.page("web-2").catch(() => "")).toBe("one");
  };

  test("is made with its instances, and then there is nothing to do", async () => {
    const { report } = await apply(profile({ "limits.cpu": "1" }));
    expect(outcomes(report)).toEqual([
      "create image web: done",
      "create profile base: done",
      "create instance web-1: done",
      "create instance web-2: done",
    ]);
    expect(await content()).toEqual({ config: { "limits.cpu": "1" }, devices: {} });
    expect(await planned(profile({ "limits.cpu": "1" }))).toEqual([
      "none profile base",
      "none instance web-1 -",
      "none instance web-2 -",
    ]);
  });

  test("what counts at once is applied without a restart", async () => {
    const before = await startedAt("web-1");
    const { report, events } = await apply(profile({ "limits.cpu": "2" }));
    expect(outcomes(report)).toEqual([
      "update profile base: done",
      "live instance web-1: done",
      "live instance web-2: done",
    ]);
    expect(stepsOf(events, "profile:base")).toEqual(["try", "profile", "keep"]);
    expect(await startedAt("web-1")).toBe(before);
    expect((await there())?.config[label.pending]).toBeUndefined();
    expect(await planned(profile({ "limits.cpu": "2" }))).toContain("none instance web-1 -");
  });

  test("what needs a restart restarts its instances, one after the other, with the reason", async () => {
    const next = profile({ "limits.cpu": "2", "environment.GREETING": "hi" });
    expect(await planned(next)).toEqual([
      "update profile base",
      "  config.environment.GREETING:  -> hi",
      "update instance web-1 restart",
      "  profiles.base.config.environment.GREETING:  -> hi",
      "update instance web-2 restart",
      "  profiles.base.config.environment.GREETING:  -> hi",
    ]);
    expect((await apply(next)).report.exitCode).toBe(0);
    expect(await world.sh("web-1", "tr '\\0' '\\n' < /proc/1/environ | grep GREETING")).toBe("GREETING=hi");
    expect(await planned(next)).toEqual(["none profile base", "none instance web-1 -", "none instance web-2 -"]);
  });

  const sound = profile({ "limits.cpu": "2", "environment.GREETING": "hi" });
  const bad: Record<string, readonly [Profile["devices"], string, string[]]> = {
    "a device that no instance could have is found before anything is written": [
      { data: { type: "disk", source: "/no/such/folder", path: "/data" } },
      'Missing source path "/no/such/folder"',
      ["try"],
    ],
    "one that running instances refuse is taken back": [
      { card: { type: "unix-char", source: "/dev/no-such-card", path: "/dev/card" } },
      'Profile "base" is refused, and its old content is back',
      ["try", "profile", "put-back"],
    ],
  };
  test.each(Object.entries(bad))("%s", async (_what, [devices, words, steps]) => {
    const before = await there();
    const { report, events } = await apply(profile(sound.config, devices));
    const [first = "", ...rest] = outcomes(report);
    expect(first).toContain("update profile base: undone");
    expect(first).toContain(words);
    expect(rest).toEqual([
      expect.stringContaining('web-1: skipped: The profile "base" could not be changed'),
      expect.stringContaining('web-2: skipped: The profile "base" could not be changed'),
    ]);
    expect(report.exitCode).toBe(4);
    expect(stepsOf(events, "profile:base")).toEqual(steps);
    expect(await there()).toEqual(before);
    expect(await world.instances()).toEqual(["web-1: Running current", "web-2: Running current"]);
    await everybodyStarts();
    expect(await planned(sound)).toEqual(["none profile base", "none instance web-1 -", "none instance web-2 -"]);
  });

  test("an instance that does not work with it gets it back, and serves", async () => {
    const checked = {
      web: {
        page: "one",
        instances: {
          "web-1": { ...uses, health: [passes("test ! -e /proc/1/environ || ! grep -q BREAKS /proc/1/environ")] },
          "web-2": uses,
        },
      },
    };
    expect((await apply(sound, { containers: checked })).report.exitCode).toBe(0);
    const { report } = await apply(profile({ ...sound.config, "environment.BREAKS": "1" }), { containers: checked });
    expect(outcomes(report)).toEqual([
      'update profile base: undone: "web-1" does not work with it: its old content is back',
      expect.stringMatching(/^restart instance web-1: undone/),
      expect.stringMatching(/^restart instance web-2: skipped/),
    ]);
    expect(await content()).toEqual({ config: sound.config, devices: {} });
    expect((await there())?.config[label.pending]).toBeUndefined();
    expect(await world.page("web-1")).toBe("one");
    expect(await world.sh("web-1", "tr '\\0' '\\n' < /proc/1/environ | grep -c BREAKS || true")).toBe("0");
    expect((await apply(sound)).report.exitCode).toBe(0);
  });

  test("a successor that does not work with it goes, its predecessor comes back with the old content", async () => {
    const health = [passes("! grep -q BREAKS /proc/1/environ")];
    const checked = { web: { page: "one", instances: { "web-1": { ...uses, health }, "web-2": { ...uses, health } } } };
    expect((await apply(sound, { containers: checked })).report.exitCode).toBe(0);
    const seed = { ...sound.config, "cloud-init.user-data": "#cloud-config\n{}", "environment.BREAKS": "1" };
    const { report, plan } = await apply(profile(seed), { containers: checked });
    expect(told(plan)).toContain("replace instance web-1 swap");
    expect(outcomes(report)).toEqual([
      'update profile base: undone: "web-1" does not work with it: its old content is back',
      expect.stringMatching(/^swap instance web-1: undone/),
      expect.stringMatching(/^swap instance web-2: skipped/),
    ]);
    expect(await content()).toEqual({ config: sound.config, devices: {} });
    expect(await world.sh("web-1", "grep -c BREAKS /proc/1/environ || true")).toBe("0");
    expect(await world.instances()).toEqual([
      "web-1-failed: Stopped failed",
      "web-1: Running current",
      "web-2: Running current",
    ]);
    expect(await planned(sound, checked)).toEqual([
      "none profile base",
      "none instance web-1 -",
      "none instance web-2 -",
    ]);
    await incus.client.deleteInstance(incus.project, "web-1-failed");
  });

  test("one with the fleet's label alone is taken over as it is", async () => {
    const handed = { ...sound, name: "handed" };
    const { config, devices, description } = handed;
    const labelled = { ...config, [label.fleet]: incus.project };
    await incus.client.createProfile(incus.project, { name: "handed", config: labelled, devices, description });
    const specs = { ...containers, other: { page: "o", instances: { other: { profiles: ["default", "handed"] } } } };
    const { report, events } = await world.apply(specs, { profiles: { base: sound, handed } });
    expect(outcomes(report)).toContain("update profile handed: done");
    expect(stepsOf(events, "profile:handed")).toEqual(["relabel"]);
    await world.apply(containers, { profiles: { base: sound }, prune: true });
    expect(await incus.client.getProfile(incus.project, "handed")).toBeUndefined();
  });

  test("two writers at once: nothing of the other's is lost", async () => {
    const next = profile({ ...sound.config, "limits.cpu": "1" });
    let isDone = false;
    const { report } = await apply(next, {
      emit: (event) => {
        if (event.type !== "step.start" || event.step !== "try" || isDone) return;
        isDone = true;
        void incus.client.request("PATCH", `/1.0/profiles/base?project=${incus.project}`, {
          config: { "user.theirs": "1" },
        });
      },
    });
    expect(report.exitCode).toBe(0);
    expect((await content()).config).toEqual({ ...next.config, "user.theirs": "1" });
    expect(await planned(next)).toContain("  kept config.user.theirs:  -> 1 (added by hand)");
    const fixed = await apply(next, { drift: "fix" });
    expect(fixed.report.exitCode).toBe(0);
    expect((await content()).config).toEqual(next.config);
    expect((await apply(sound)).report.exitCode).toBe(0);
  });

  test("a foreign one of the name is a problem, and stays as it is", async () => {
    await incus.client.createProfile(incus.project, {
      name: "theirs",
      config: { "limits.cpu": "1" },
      devices: {},
      description: "",
    });
    const specs = { other: { page: "o", instances: { other: { profiles: ["default", "theirs"] } } } };
    const theirs: Profile = { ...sound, name: "theirs" };
    const plan = await world.plan({ ...containers, ...specs }, { profiles: { base: sound, theirs } });
    expect(told(plan).filter((line) => line.includes("theirs"))).toEqual([
      'problem profile theirs: Profile "theirs" exists on the server "local" and was not made by floe',
    ]);
    expect((await incus.client.getProfile(incus.project, "theirs"))?.value.config).toEqual({ "limits.cpu": "1" });
    await incus.client.deleteProfile(incus.project, "theirs");
  });

  describe("floe is killed", () => {
    let folder: string;
    let runner: string;
    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), "floe-profile-runner-"));
      runner = path.join(folder, "runner.mjs");
      const bundle = await rolldown({ input: path.join(import.meta.dirname, "profiles-runner.ts"), platform: "node" });
      await bundle.write({ file: runner, format: "esm", codeSplitting: false });
      await bundle.close();
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const crashes: readonly Orders["crash"][] = [
      { step: "try", when: "during" },
      { step: "profile", when: "after" },
      { step: "stop", when: "before" },
      { step: "start", when: "before" },
      { step: "commit", when: "before" },
      { step: "keep", when: "before" },
    ];
    test.each(crashes)("$when $step: the next apply ends with what was asked for", async (crash) => {
      expect((await apply(sound)).report.exitCode).toBe(0);
      const next = profile({ ...sound.config, "environment.RUN": `${crash.step}-${crash.when}` });
      const root = mkdtempSync(path.join(tmpdir(), "floe-profile-killed-"));
      const orders: Orders = {
        socket: testSocket() ?? "",
        project: incus.project,
        root,
        containers,
        profiles: { base: next },
        crash,
      };
      const killed = await run("node", [runner, JSON.stringify(orders)]).then(
        () => "ended",
        () => "killed",
      );
      rmSync(root, { recursive: true, force: true });
      expect(killed).toBe("killed");
      const { report } = await apply(next);
      expect(report.exitCode).toBe(0);
      expect((await content()).config).toEqual(next.config);
      for (const name of ["web-1", "web-2"])
        expect(await world.sh(name, "tr '\\0' '\\n' < /proc/1/environ | grep RUN")).toBe(
          `RUN=${next.config["environment.RUN"]}`,
        );
      expect(await planned(next)).toEqual(["none profile base", "none instance web-1 -", "none instance web-2 -"]);
      expect(await world.instances()).toEqual(["web-1: Running current", "web-2: Running current"]);
    });
  });

  test("one that nothing names is listed, and deleted with --prune when nothing uses it", async () => {
    const specs = { web: { page: "one", instances: { "web-1": { health: [servesPage] }, "web-2": uses } } };
    expect((await apply(sound, { containers: specs })).report.exitCode).toBe(0);
    const rest = { web: { page: "one", instances: { "web-1": { health: [servesPage] } } } };
    expect(told(await world.plan(rest, { profiles: {} }))).toContain("orphan profile base");
    const { report } = await world.apply(rest, { profiles: {}, prune: true });
    expect(outcomes(report)).toEqual(["delete instance web-2: done", "delete profile base: done"]);
    expect(await there()).toBeUndefined();
    expect(await world.instances()).toEqual(["web-1: Running current"]);
  });
});
