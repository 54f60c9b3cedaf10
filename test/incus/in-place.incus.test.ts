/**
 * Instances whose `/nix/store` is their server's, updated inside: with firn, the real Nix and the real Incus. What the
 * labels, the links in the container and the GC roots say has to agree whatever happens.
 */
import { spawn } from "node:child_process";
import { readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { awaitSwitch, setBoot, startSwitch } from "../../src/apply/in-place/guest.ts";
import { readGenerations } from "../../src/plan/generations.ts";
import { label } from "../../src/plan/labels.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { run } from "../support/run.ts";
import type { TempProject } from "../support/temp-project.ts";
import { outcomes, stepsOf, told } from "./apply-support.ts";
import type { Crash, Orders } from "./in-place-runner.ts";
import {
  applyPrepared,
  applyProject,
  inPlaceProject,
  inside,
  pageOf,
  prepareProject,
  rollbackProject,
  type Web,
  webContainer,
} from "./in-place-support.ts";

const repository = path.resolve(import.meta.dirname, "../..");

describe.skipIf(skipIncus())("updates in place", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  beforeAll(async () => {
    incus = await testIncus();
    home = await inPlaceProject(incus.project);
  });
  afterAll(async () => {
    await home?.remove();
    await incus?.remove();
    rmSync(gcRoots(), { recursive: true, force: true });
  });

  const gcRoots = () => `/nix/var/nix/gcroots/floe/${incus.project}`;
  const edit = (web: Web) => home.write("containers/web.ts", webContainer(incus.project, web));
  const page = () => pageOf(incus.client, incus.project);
  const sh = (script: string) => inside(incus.client, incus.project, "web", script);
  const config = async () => (await incus.client.getInstance(incus.project, "web"))?.value.config ?? {};
  const numbers = async () => readGenerations(await config()).map(({ number }) => number);
  /** What a plan made now would change. */
  const pending = async () => {
    const { changes } = (await prepareProject(home.root)).plan;
    return changes.filter(({ action }) => action !== "none").map(({ address }) => address);
  };
  async function applied(web: Web): Promise<string[]> {
    await edit(web);
    return outcomes((await applyProject(home.root)).report).filter((line) => !line.includes(" image "));
  }
  /** What is said in four places: the labels, the container that runs, the link that it boots, and the GC roots. */
  async function expectAgreement(): Promise<void> {
    const labels = await config();
    const generations = readGenerations(labels);
    expect(labels[label.systemNext]).toBeUndefined();
    expect(generations.at(-1)?.system).toBe(labels[label.system]);
    expect(await sh("readlink /run/current-system")).toBe(labels[label.system]);
    expect(await sh("readlink -f /sbin/init")).toBe(`${labels[label.system]}/init`);
    const links = (await sh("cd /nix/var/nix/profiles; for l in system-*; do echo $l $(readlink $l); done")).split(
      "\n",
    );
    expect(links.sort()).toEqual(generations.map(({ number, system }) => `system-${number}-link ${system}`).sort());
    expect(rooted()).toEqual(expect.arrayContaining(generations.map(({ system }) => system)));
  }
  function rooted(): string[] {
    const folder = path.join(gcRoots(), "local", incus.project, "web");
    return readdirSync(folder).map((name) => readlinkSync(path.join(folder, name)));
  }

  test("create: a root of a few KB, and the server's store, which cannot be written to", async () => {
    expect(await applied({ page: "one" })).toEqual(["create instance web: done"]);
    expect(await page()).toBe("one");
    await expectAgreement();
    const [image] = await incus.client.listImages(incus.project);
    expect(image?.size).toBeLessThan(16_384);
    expect(await sh("touch /nix/store/x 2>&1 || true")).toContain("Read-only file system");
    expect(await pending()).toEqual([]);
  });

  test("an edit serves the new page; what did not change runs on", async () => {
    const before = await sh("cat /run/beside /proc/1/stat | cut -d' ' -f1,22");
    await edit({ page: "two" });
    const { plan } = await prepareProject(home.root);
    expect(told(plan).map((line) => line.replaceAll(/\/nix\/store\/\S+/g, "PATH"))).toEqual([
      "update instance web in-place",
      "  system: PATH -> PATH (derivation changed)",
    ]);
    const { report, events } = await applyProject(home.root);
    expect(outcomes(report)).toEqual(["in-place instance web: done"]);
    expect(stepsOf(events)).toEqual(["copy", "mark", "switch", "confirm", "health", "boot", "commit", "retain"]);
    expect(await page()).toBe("two");
    expect(await sh("cat /run/beside /proc/1/stat | cut -d' ' -f1,22")).toBe(before);
    expect(await numbers()).toEqual([1, 2]);
    await expectAgreement();
  });

  test("not healthy: the system before serves again, and nothing is left of the attempt", async () => {
    const before = await config();
    expect(await applied({ page: "bad", wanted: "never" })).toEqual([
      expect.stringMatching(/^in-place instance web: undone: "web" is not healthy/),
    ]);
    expect(await page()).toBe("two");
    expect(await config()).toEqual(before);
    await expectAgreement();
  });

  test("an activation that fails is taken back too, with the words of the switch", async () => {
    await home.write(
      "containers/web.ts",
      webContainer(incus.project, { page: "bad" }).replace(
        'system: { stateVersion: "26.05" }',
        'system: { stateVersion: "26.05", activationScripts: { "stop-here": "echo no such thing; false" } }',
      ),
    );
    const { report } = await applyProject(home.root);
    expect(report.exitCode).toBe(4);
    const [change] = report.changes;
    expect(change?.error).toContain('The switch of "web" ended with code 2');
    expect(change?.error).toContain("no such thing");
    expect(await page()).toBe("two");
    await expectAgreement();
  });

  test("a switch that ends the container: it comes back with the system before", async () => {
    await home.write(
      "containers/web.ts",
      webContainer(incus.project, { page: "bad" }).replace(
        'system: { stateVersion: "26.05" }',
        'system: { stateVersion: "26.05", activationScripts: { "stop-here": "kill -TERM 1; sleep 5" } }',
      ),
    );
    const { report } = await applyProject(home.root);
    expect(report.exitCode, JSON.stringify(report.changes)).toBe(4);
    expect(await page()).toBe("two");
    await expectAgreement();
  });

  test("floe does not confirm a switch: the container goes back by itself, and that is final", async () => {
    const [before, now] = readGenerations(await config()).slice(-2);
    if (before === undefined || now === undefined) throw new Error("There should be two generations");
    const guest = { client: incus.client, project: incus.project, name: "web" };
    const unconfirmed = { before: now.system, seconds: 1 };
    await startSwitch(guest, { id: "lost", system: before.system, unconfirmed });
    expect(await awaitSwitch(guest, "lost")).toMatchObject({ exitCode: 0, system: before.system });
    expect(await page()).toBe("one");
    await expect.poll(() => servedNow(), { timeout: 10_000 }).toBe("two");
    await expect(setBoot(guest, before, [], "lost")).rejects.toThrow("the container has switched back");
    await expectAgreement();
    // And confirmed in time, it stays.
    await startSwitch(guest, {
      id: "kept",
      system: now.system,
      unconfirmed: { ...unconfirmed, before: before.system },
    });
    await awaitSwitch(guest, "kept");
    await setBoot(guest, now, [before.number], "kept");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await page()).toBe("two");
    await expectAgreement();
  });

  test("what needs a restart changes with the system, and is taken back with it", async () => {
    const nesting = 'config: { "security.nesting": true },';
    expect(await applied({ page: "bad", wanted: "never", instance: nesting })).toEqual([
      expect.stringMatching(/^in-place instance web: undone/),
    ]);
    expect((await config())["security.nesting"]).toBeUndefined();
    expect(await page()).toBe("two");
    await expectAgreement();
    expect(await applied({ page: "three", instance: nesting })).toEqual(["in-place instance web: done"]);
    expect((await config())["security.nesting"]).toBe("true");
    expect(await page()).toBe("three");
    await expectAgreement();
    expect(await pending()).toEqual([]);
  });

  test("three generations are kept; the garbage collector may have only what is older", async () => {
    const [first] = readGenerations(await config());
    expect(await applied({ page: "four" })).toEqual(["in-place instance web: done"]);
    expect(await numbers()).toHaveLength(3);
    expect(await numbers()).not.toContain(first?.number);
    await expectAgreement();
    expect(rooted()).not.toContain(first?.system);
    for (const { system } of readGenerations(await config())) {
      const roots = await run("nix-store", ["--query", "--roots", system]);
      expect(roots).toContain(`${gcRoots()}/local/${incus.project}/web/${path.basename(system)} -> ${system}`);
    }
  });

  test("rollback goes to the system before, and back; --to to any that is kept", async () => {
    const [oldest, before, now] = readGenerations(await config());
    expect(outcomes((await rollbackProject(home.root, "web")).report)).toEqual(["in-place instance web: done"]);
    expect((await config())[label.system]).toBe(before?.system);
    expect(await page()).toBe("three");
    await expectAgreement();
    await rollbackProject(home.root, "web");
    expect((await config())[label.system]).toBe(now?.system);
    await rollbackProject(home.root, "web", oldest?.number);
    expect((await config())[label.system]).toBe(oldest?.system);
    expect(await page()).toBe("two");
    await expectAgreement();
    await expect(rollbackProject(home.root, "web", 99)).rejects.toThrow('"web" has no generation 99');
    // The project still says what it said.
    expect(outcomes((await applyProject(home.root)).report)).toEqual(["in-place instance web: done"]);
    expect(await page()).toBe("four");
  });

  test("a stopped instance boots the new system when it is started", async () => {
    await applied({ page: "four", instance: "autostart: false," });
    await incus.client.setInstanceState(incus.project, "web", "stop", { force: true });
    expect(await applied({ page: "five", instance: "autostart: false," })).toEqual(["in-place instance web: done"]);
    expect((await incus.client.getInstance(incus.project, "web"))?.value.status).toBe("Stopped");
    expect(await applied({ page: "five" })).toEqual(["start instance web: done"]);
    expect(await page()).toBe("five");
    await expectAgreement();
  });

  test("to swap and back: a planned change that keeps the address, volumes and what was set by hand", async () => {
    const more = `volumes: { "/data": { pool: "${incus.pool}", name: "web-data" } }, devices: { eth0: { type: "nic", nictype: "p2p", name: "eth0" } },`;
    expect(await applied({ page: "six", instance: more })).toEqual([
      "create volume web-data: done",
      "in-place instance web: done",
    ]);
    await incus.client.patchInstance(incus.project, "web", { config: { "limits.processes": "500" } });
    await sh("echo precious > /data/file");
    const mac = (await config())["volatile.eth0.hwaddr"];
    expect(mac).toMatch(/^[0-9a-f:]{17}$/);
    const survives = async (): Promise<void> => {
      const now = await config();
      expect([now["volatile.eth0.hwaddr"], now["limits.processes"], now["boot.autostart"]]).toEqual([
        mac,
        "500",
        "true",
      ]);
      expect(await sh("cat /data/file")).toBe("precious");
    };

    await edit({ page: "seven", update: "swap", instance: more });
    expect(told((await prepareProject(home.root)).plan)).toContainEqual(
      expect.stringMatching(/update: in-place -> swap/),
    );
    expect(outcomes((await applyProject(home.root)).report)).toEqual([
      "create image web: done",
      "swap instance web: done",
    ]);
    expect(await page()).toBe("seven");
    expect((await config())[label.system]).toBeUndefined();
    await survives();
    // The predecessor can still be gone back to: its systems are kept.
    const kept = readGenerations((await incus.client.getInstance(incus.project, "web-previous"))?.value.config ?? {});
    expect(rooted()).toEqual(expect.arrayContaining(kept.map(({ system }) => system)));
    await rollbackProject(home.root, "web");
    expect(await page()).toBe("six");
    await survives();
    await expectAgreement();
    expect((await applyProject(home.root)).report.exitCode).toBe(0);

    expect((await applied({ page: "eight", instance: more })).at(-1)).toBe("swap instance web: done");
    expect(await page()).toBe("eight");
    expect(await numbers()).toEqual([1]);
    await survives();
    await expectAgreement();
    expect(rooted()).toEqual([(await config())[label.system]]);
    expect(await pending()).toEqual([]);
  });

  test("floe killed at any step: the next apply ends right", { timeout: 400_000 }, async () => {
    const runner = path.join(repository, "node_modules/.cache", `floe-${incus.project}.mjs`);
    await bundle(runner);
    const rows: string[][] = [];
    let before = "k0";
    let nesting = false;
    await applied({ page: before });
    for (const { change, crash } of cases) {
      const after = `k${rows.length + 1}`;
      if (change === "restart") nesting = !nesting;
      const instance = `config: { "security.nesting": ${nesting} },`;
      await edit({ page: after, instance, ...(change === "undo" ? { wanted: "never" } : {}) });
      await crashed(runner, { prepared: await prepareProject(home.root), crash });
      const marked = (await config())[label.systemNext] === undefined ? "" : "marked, ";
      const left = (await servedNow()).replace(before, "old").replace(after, "new");
      // Incus or the machine may be restarted before anybody looks.
      if (crash.when === "during")
        await incus.client.setInstanceState(incus.project, "web", "restart", { force: true });
      await edit({ page: after, instance });
      const prepared = await prepareProject(home.root);
      const { report } = await applyPrepared(prepared);
      rows.push([
        change,
        `${crash.when} ${crash.step}`,
        marked + left,
        ...told(prepared.plan).slice(0, 1),
        ...outcomes(report),
      ]);
      expect(report.exitCode, outcomes(report).join("\n")).toBe(0);
      // One that was restarted, and is as wanted, is not waited for.
      await expect.poll(servedNow, { timeout: 5_000 }).toBe(after);
      await expectAgreement();
      before = after;
    }
    expect(await pending()).toEqual([]);
    rmSync(runner, { force: true });
    console.info(rows.map((row) => row.join("  |  ")).join("\n"));
    expect(rows).toHaveLength(cases.length);
  });

  async function servedNow(): Promise<string> {
    return page().catch(() => "nothing");
  }

  async function crashed(runner: string, orders: Orders): Promise<void> {
    const file = path.join(home.root, ".floe", "orders.json");
    writeFileSync(file, JSON.stringify(orders));
    const child = spawn(process.execPath, [runner, file], { stdio: ["ignore", "inherit", "pipe"] });
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    const signal = await new Promise((resolve) => child.on("close", (_code, by) => resolve(by)));
    expect(signal, said).toBe("SIGKILL");
  }
});

// --- internal ---

interface Case {
  readonly change: "switch" | "restart" | "undo";
  readonly crash: Crash;
}

const at = (change: Case["change"], when: Crash["when"], ...steps: string[]): Case[] =>
  steps.map((step) => ({ change, crash: { step, when } }));

const everyCase: readonly Case[] = [
  ...at("switch", "before", "copy", "mark", "switch", "confirm", "health", "boot", "commit", "retain"),
  ...at("switch", "during", "switch", "confirm", "boot", "commit"),
  ...at("switch", "after", "switch"),
  ...at("restart", "before", "stop", "boot", "start", "health", "commit"),
  ...at("undo", "before", "revert", "switch-back"),
  ...at("undo", "during", "switch-back"),
];

/** FLOE_FAULTS=all kills at each of them. */
const cases = everyCase.filter((_, index) => process.env.FLOE_FAULTS === "all" || index % 4 === 0);

/** Beside the packages that the runner loads. */
async function bundle(file: string): Promise<void> {
  const build = await rolldown({
    input: path.join(import.meta.dirname, "in-place-runner.ts"),
    platform: "node",
    external: ["bufferutil", "utf-8-validate", "jiti"],
    logLevel: "silent",
  });
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
}
