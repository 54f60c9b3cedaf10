/** What somebody sets by hand on the real Incus: told, kept through every way to change an instance, and put back on request. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { editInstance } from "../../src/apply/edit.ts";
import { floe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { type ContainerSpec, outcomes, servesPage, told, type World, worldOf } from "./apply-support.ts";

const HOME = path.resolve(import.meta.dirname, "../../examples/home");

describe.skipIf(skipIncus())("changes by hand on the real Incus", () => {
  let incus: TestIncus;
  let world: World;
  beforeAll(async () => {
    incus = await testIncus();
    world = worldOf(incus.client, incus.project);
    await incus.client.createProfile(incus.project, {
      name: "extra",
      description: "",
      config: { "user.extra": "1" },
      devices: {},
    });
  });
  afterAll(async () => {
    world.removeRoot();
    await incus.remove();
  });

  const web = (
    page: string,
    config: Record<string, string> = { "limits.cpu": "1" },
  ): Record<string, ContainerSpec> => ({
    web: { page, instances: { web: { config, description: "ours", health: [servesPage] } } },
  });
  /** As with `incus config set`, `config device add` and `profile add`. */
  const byHand = (): Promise<void> =>
    editInstance(incus.client, incus.project, "web", (body) => ({
      config: { ...body.config, "limits.cpu": "2", "limits.memory": "200MiB" },
      devices: { ...body.devices, tun: { type: "unix-char", path: "/dev/net/tun", required: "false" } },
      profiles: [...body.profiles, "extra"],
      description: "theirs",
    }));
  const there = async () => {
    const value = (await incus.client.getInstance(incus.project, "web"))?.value;
    const { config = {}, devices = {}, profiles = [], description = "" } = value ?? {};
    const { "limits.cpu": cpu, "limits.memory": memory } = config;
    return { cpu, memory, devices: Object.keys(devices), profiles, description };
  };
  const hand = { cpu: "2", memory: "200MiB", devices: ["tun"], profiles: ["default", "extra"], description: "theirs" };
  const kept = [
    "  kept config.limits.cpu: 1 -> 2 (changed by hand)",
    "  kept config.limits.memory:  -> 200MiB (added by hand)",
    "  kept devices.tun:  -> unix-char, path=/dev/net/tun, required=false (added by hand)",
    "  kept profiles: default -> default, extra (changed by hand)",
    "  kept description: ours -> theirs (changed by hand)",
  ];

  test("are told, and are no change", async () => {
    expect((await world.apply(web("one"))).report.exitCode).toBe(0);
    await byHand();
    expect(told(await world.plan(web("one")))).toEqual(["none image web", "none instance web -", ...kept]);
    const { report } = await world.apply(web("one"));
    expect(outcomes(report)).toEqual([]);
    expect(await there()).toEqual(hand);
  });

  test("survive a change of config, and a swap", async () => {
    const more = { "limits.cpu": "1", "limits.processes": "100" };
    expect(outcomes((await world.apply(web("one", more))).report)).toEqual(["live instance web: done"]);
    expect(await there()).toEqual(hand);
    expect((await world.apply(web("two", more))).report.exitCode).toBe(0);
    expect(await world.page("web")).toBe("two");
    expect(await there()).toEqual(hand);
    expect(told(await world.plan(web("two", more)))).toEqual(["none image web", "none instance web -", ...kept]);
  });

  test("lose against a declaration that changes too, and the plan says so", async () => {
    const plan = told(await world.plan(web("two", { "limits.cpu": "3" })));
    expect(plan).toContain("  config.limits.cpu: 2 -> 3 (overwrites a change by hand)");
    expect((await world.apply(web("two", { "limits.cpu": "3" }))).report.exitCode).toBe(0);
    expect(await there()).toEqual({ ...hand, cpu: "3" });
  });

  test("are put back with --fix-drift", async () => {
    const now = web("two", { "limits.cpu": "3" });
    const plan = await world.plan(now, { drift: "fix" });
    expect(told(plan)).toEqual([
      "none image web",
      "update instance web live",
      "  config.limits.memory: 200MiB ->  (added by hand)",
      "  devices.tun: unix-char, path=/dev/net/tun, required=false ->  (added by hand)",
      "  profiles: default, extra -> default (changed by hand)",
      "  description: theirs -> ours (changed by hand)",
    ]);
    // The saved plan has decided: apply does what it says.
    expect((await world.apply(now, { plan })).report.exitCode).toBe(0);
    expect(await there()).toEqual({
      cpu: "3",
      memory: undefined,
      devices: [],
      profiles: ["default"],
      description: "ours",
    });
    expect(told(await world.plan(now))).toEqual(["none image web", "none instance web -"]);
  });
});

describe.skipIf(skipIncus())("changes by hand, with the command", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  beforeAll(async () => {
    incus = await testIncus();
    home = await tempProject({}, HOME);
    const [first, second] = [await freePort(), await freePort()];
    const text = (await readFile(path.join(home.root, "containers/web.ts"), "utf8"))
      .replaceAll("8081", String(first))
      .replaceAll("8082", String(second))
      .replaceAll(/^(\s*)ports: /gm, `$1project: "${incus.project}", config: { "limits.cpu": "1" },\n$1ports: `);
    await home.write("containers/web.ts", text);
    const config = await readFile(path.join(home.root, "floe.config.ts"), "utf8");
    await home.write("floe.config.ts", config.replace('name: "home"', `name: "${incus.project}"`));
  });
  afterAll(async () => {
    await incus?.remove();
    await home?.remove();
  });
  const limit = async () => (await incus.client.getInstance(incus.project, "web-1"))?.value.config["limits.cpu"];
  const plan = (...more: string[]) => floe(home.root, ["plan", "container:web", ...more]);

  test("plan tells them, --fix-drift plans and applies their end; a saved plan keeps its choice", async () => {
    const made = await floe(home.root, ["apply", "--yes", "container:web"]);
    expect(made.exitCode, made.stderr).toBe(0);
    await incus.client.patchInstance(incus.project, "web-1", { config: { "limits.cpu": "2" } });

    const told = await plan("--exit-code");
    expect(told.exitCode, told.stderr).toBe(0);
    expect(told.stdout).toContain("≠ drift  instance  web-1");
    expect(told.stdout).toContain("≠ config.limits.cpu: 1 → 2 (changed by hand)");
    const fix = await plan("--fix-drift", "--exit-code", "-o", "fix.json");
    expect(fix.exitCode).toBe(3);
    expect(fix.stdout).toContain("config.limits.cpu: 2 → 1 (changed by hand; live)");
    expect((await plan("--fix-drift", "--keep-drift")).exitCode).toBe(2);

    const kept = await floe(home.root, ["apply", "--yes", "container:web"]);
    expect(kept.exitCode, kept.stderr).toBe(0);
    expect(await limit()).toBe("2");
    expect((await floe(home.root, ["apply", "--yes", "--keep-drift", "fix.json"])).exitCode).toBe(2);
    const fixed = await floe(home.root, ["apply", "--yes", "fix.json"]);
    expect(fixed.exitCode, fixed.stderr).toBe(0);
    expect(await limit()).toBe("1");
    expect((await plan()).stdout).toContain("Nothing to do: everything is as described");
  });
});
