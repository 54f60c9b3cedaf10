/**
 * What the README promises, on `examples/home`, with the built command, the real Nix and the real Incus: from nothing to
 * serving, an edit, a bad edit, a way back, and floe killed at many moments.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FloeResult, floe, startFloe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const HOME = path.resolve(import.meta.dirname, "../../examples/home");

describe.skipIf(skipIncus())("examples/home, as a user", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  let ports: { readonly web1: number; readonly web2: number; readonly counter: number };
  let originals: { readonly web: string; readonly counter: string };

  beforeAll(async () => {
    incus = await testIncus();
    home = await tempProject({}, HOME);
    ports = { web1: await freePort(), web2: await freePort(), counter: await freePort() };
    originals = { web: await adapted("containers/web.ts"), counter: await adapted("containers/counter.ts") };
    await writeWeb();
    await home.write("containers/counter.ts", originals.counter);
    // Other tests' fleets share the daemon: one of the same name would be ours.
    const config = await readFile(path.join(home.root, "floe.config.ts"), "utf8");
    await home.write("floe.config.ts", config.replace('name: "home"', `name: "${incus.project}"`));
  });
  afterAll(async () => {
    await incus?.remove();
    await home?.remove();
  });

  /** The example's file with this run's ports and Incus project. */
  async function adapted(file: string): Promise<string> {
    const text = await readFile(path.join(home.root, file), "utf8");
    const moved = text
      .replaceAll("8081", String(ports.web1))
      .replaceAll("8082", String(ports.web2))
      .replaceAll("8083", String(ports.counter));
    return moved.replaceAll(/^(\s*)ports: /gm, `$1project: "${incus.project}",\n$1ports: `);
  }
  const writeWeb = (greeting = "Hello from floe", edit = (text: string) => text) =>
    home.write("containers/web.ts", edit(originals.web.replace("Hello from floe", greeting)));
  const apply = (...more: string[]) => floe(home.root, ["apply", "--yes", ...more]);
  const page = async (port: number) =>
    (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) })).text();
  const visit = async () => Number(/Visits: (\d+)/.exec(await page(ports.counter))?.[1]);
  const instanceNames = async () => (await incus.client.listInstances(incus.project)).map(({ name }) => name).sort();
  const started = async () =>
    Object.fromEntries(
      (await incus.client.listInstances(incus.project))
        .filter(({ status }) => status === "Running")
        .map(({ name, state }) => [name, state?.pid]),
    );
  /** The containers that ran before run on, untouched. */
  async function refused(exitCode: number): Promise<FloeResult> {
    const before = await started();
    const result = await apply();
    expect(result.exitCode, result.stderr).toBe(exitCode);
    expect(await started()).toEqual(before);
    return result;
  }

  test("plan says what would be made, and changes nothing", async () => {
    const plan = await floe(home.root, ["plan"]);
    expect(plan.exitCode, plan.stderr).toBe(0);
    expect(plan.stdout).toContain("web-1");
    expect(await instanceNames()).toEqual([]);
    expect((await floe(home.root, ["plan", "--exit-code"])).exitCode).toBe(3);
  });

  test("without a terminal and without --yes nothing changes", async () => {
    const result = await floe(home.root, ["apply"]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain("--yes");
    expect(await instanceNames()).toEqual([]);
  });

  test("apply makes all three instances; they serve", async () => {
    const result = await apply();
    expect(result.exitCode, result.stderr).toBe(0);
    expect(await page(ports.web1)).toContain("<h1>Hello from floe</h1>");
    expect(await page(ports.web2)).toContain("<h1>Hello from floe</h1>");
    expect(await visit()).toBe(1);
  });

  test("apply again has nothing to do and touches nothing", async () => {
    const result = await refused(0);
    expect(result.stdout + result.stderr).toContain("Nothing to do");
    expect((await floe(home.root, ["plan", "--exit-code"])).exitCode).toBe(0);
  });

  test("the flake builds without floe, to the same derivation", async () => {
    const nix = process.env.FLOE_TEST_NIX ?? "nix";
    const flags = ["--extra-experimental-features", "nix-command flakes", "--option", "substituters", ""];
    await run("git", ["init", "-q"], { cwd: home.root });
    await run("git", ["add", "."], { cwd: home.root });
    const built = await run(nix, [...flags, "build", "--no-link", "--json", ".#web"], { cwd: home.root });
    const floes = await floe(home.root, ["build", "web", "--json"]);
    expect(floes.exitCode, floes.stderr).toBe(0);
    expect(floes.stdout).toContain(JSON.parse(built)[0].outputs.out);
  });

  test("an edit is planned with its reason, and applied to both instances", async () => {
    await writeWeb("A new greeting");
    const plan = await floe(home.root, ["plan"]);
    expect(plan.stdout).toMatch(/web-1[\s\S]*image/);
    expect(plan.stdout).not.toMatch(/^\s*[±~+]\s+counter/m);
    // What was evaluated for the plan is known to the list.
    const { stdout } = await floe(home.root, ["list"]);
    expect(stdout).toMatch(/web-1 .*running .*update available/);
    expect(stdout).not.toMatch(/counter .*update available/);
    const result = await apply();
    expect(result.exitCode, result.stderr).toBe(0);
    expect(await page(ports.web1)).toContain("A new greeting");
    expect(await page(ports.web2)).toContain("A new greeting");
    expect(await instanceNames()).toEqual(["counter", "web-1", "web-1-previous", "web-2", "web-2-previous"]);
  });

  test("a container that fails its health check is replaced by its predecessor; the volume is whole", async () => {
    const visits = await visit();
    await home.write(
      "containers/counter.ts",
      originals.counter.replace("Visits: %s", "Broken: %s").replace('within: "30s"', 'within: "3s"'),
    );
    const begin = Date.now();
    const result = await apply();
    expect(result.exitCode, result.stderr).toBe(4);
    // Why is told once, with the error.
    expect(`${result.stdout}${result.stderr}`.split("Not healthy within 3 s")).toHaveLength(2);
    expect(result.stderr).toMatch(/^counter: failed and undone in [\d.]+ s$/m);
    const logs = await floe(home.root, ["logs", "counter-failed"]);
    expect(logs.stderr).toMatch(/Incus forgets the console of an instance that it renames.*; this is how it failed on/);
    expect(logs.stdout).toContain("Not healthy within 3 s");
    expect(Date.now() - begin).toBeLessThan(30_000);
    expect(await visit()).toBe(visits + 1);
    await home.write("containers/counter.ts", originals.counter);
    const again = await apply();
    expect(again.exitCode, again.stderr).toBe(0);
    expect(await visit()).toBe(visits + 2);
  });

  test("rollback puts the predecessor back, and can be taken back", async () => {
    const back = await floe(home.root, ["rollback", "web-1", "--yes"]);
    expect(back.exitCode, back.stderr).toBe(0);
    expect(await page(ports.web1)).toContain("Hello from floe");
    expect(await page(ports.web2)).toContain("A new greeting");
    const forth = await floe(home.root, ["rollback", "web-1", "--yes"]);
    expect(forth.exitCode, forth.stderr).toBe(0);
    expect(await page(ports.web1)).toContain("A new greeting");
  });

  describe("what bad input gets, with everything running on", () => {
    test("a syntax error: file, line and frame", async () => {
      await writeWeb("x", (text) => `${text}\nconst = 1;\n`);
      const { stderr } = await refused(2);
      expect(stderr).toMatch(/containers\/web\.ts:\d+/);
      expect(stderr).toContain("const = 1;");
    });

    test("a type error is told by check, with file and line", async () => {
      await writeWeb("x", (text) => text.replace("ports: {", 'autostart: "sometimes", ports: {'));
      const result = await floe(home.root, ["check"]);
      expect(result.exitCode).not.toBe(0);
      expect(result.stdout + result.stderr).toMatch(/containers\/web\.ts:\d+/);
    });

    test("an option that does not exist names the TypeScript file", async () => {
      await writeWeb("x", (text) => text.replace("services: {", "services: { htpd: { enable: true },"));
      const { stdout, stderr } = await refused(1);
      expect(stdout + stderr).toContain("services.htpd");
      expect(stdout + stderr).toContain("containers/web.ts");
    });

    test("an option of the wrong type names the TypeScript file", async () => {
      await writeWeb("x", (text) => text.replace("services: {", "networking: { hostName: 42 }, services: {"));
      const { stdout, stderr } = await refused(1);
      expect(stdout + stderr).toContain("networking.hostName");
      expect(stdout + stderr).toContain("containers/web.ts");
    });

    test("a build that fails shows its last lines and how to see all", async () => {
      await writeWeb("x", (text) =>
        text
          .replace("  {\n    imports: [motd", "  ({ pkgs }) => ({\n    imports: [motd")
          .replace(
            "environment: {",
            'environment: { systemPackages: [pkgs.runCommand("broken", {}, "for i in 1 2 3; do echo line $i; done; exit 3")],',
          )
          .replace(/ {2}\},\n\);\s*$/, "  }),\n);\n"),
      );
      const { stdout, stderr } = await refused(4);
      expect(stdout + stderr).toContain("line 3");
      expect(stdout + stderr).toMatch(/nix-store --read-log \S+broken\.drv/);
    });

    test("a device that Incus refuses, before anything is stopped", async () => {
      await writeWeb("Another", (text) =>
        text.replace(
          "ports: {",
          'devices: { odd: { type: "disk", source: "/nowhere-at-all", path: "/odd" } }, ports: {',
        ),
      );
      const result = await refused(4);
      expect(result.stdout + result.stderr).toContain("/nowhere-at-all");
    });

    test("a port that is in use, with who holds it", async () => {
      const server = createServer();
      const port = await freePort();
      await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
      try {
        await writeWeb("Another", (text) => text.replaceAll(String(ports.web1), String(port)));
        const result = await refused(1);
        expect(result.stdout + result.stderr).toContain(`127.0.0.1:${port}`);
      } finally {
        server.close();
      }
    });

    test("an unknown name gets the nearest one suggested", async () => {
      await writeWeb("A new greeting");
      const result = await floe(home.root, ["plan", "wbe-1"]);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain("web-1");
    });

    test("an Incus that is not there", async () => {
      const result = await floe(home.root, ["apply", "--yes"], { INCUS_SOCKET: "/nowhere/unix.socket" });
      expect(result.exitCode).toBe(1);
      expect(result.stdout + result.stderr).toContain("/nowhere/unix.socket");
    });
  });

  test("Ctrl-C ends the apply with 130; the next one goes through", async () => {
    await writeWeb("After Ctrl-C");
    const running = startFloe(home.root, ["apply", "--yes"]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    running.kill("SIGINT");
    const { exitCode, stderr } = await running.ended;
    expect(exitCode, stderr).toBe(130);
    expect(await page(ports.web1)).toMatch(/A new greeting|After Ctrl-C/);
    expect((await apply()).exitCode).toBe(0);
    expect(await page(ports.web1)).toContain("After Ctrl-C");
  });

  test("killed with SIGKILL at five moments: every next apply ends right, the counter whole", {
    timeout: 400_000,
  }, async () => {
    const table: string[] = [];
    let visits = await visit();
    // Steps 1 and 2 hash and upload the image; recover.incus.test.ts kills at every one.
    for (let moment = 3; moment <= 11; moment += 2) {
      await home.write(
        "containers/counter.ts",
        originals.counter.replace("Visits: %s", `Visits: %s (round ${moment})`),
      );
      const step = await killedAtStep(moment);
      const left = (await instanceNames()).filter((name) => /^counter-(next|outgoing|failed)$/.test(name));
      // Before the first step that changes anything the counter is what it was.
      const listed = (await floe(home.root, ["list", "counter"])).stdout;
      if (left.some((name) => !name.endsWith("-failed"))) expect(listed, step).toContain("interrupted: run floe apply");
      expect(listed, step).not.toContain("not made yet");
      const result = await apply();
      expect(result.exitCode, `killed at "${step}": ${result.stdout}${result.stderr}`).toBe(0);
      expect(await page(ports.counter)).toContain(`Visits: ${++visits} (round ${moment})`);
      expect((await instanceNames()).filter((name) => /-(next|outgoing)$/.test(name))).toEqual([]);
      table.push(`${step.padEnd(12)} left ${left.join(", ") || "nothing half done"}`);
    }
    console.info(["killed at", ...table].join("\n"));
  });

  /** Applies until the step with this number has begun, counted from 1; then floe is gone, without a word. */
  async function killedAtStep(number: number): Promise<string> {
    const steps: string[] = [];
    const running = startFloe(home.root, ["apply", "--yes", "--json"], {}, (line) => {
      const { event } = JSON.parse(line) as { event?: { type: string; step?: string } };
      if (event?.type !== "step.start" || steps.push(String(event.step)) !== number) return;
      running.kill("SIGKILL");
    });
    const { exitCode, stderr } = await running.ended;
    expect(exitCode, `it ended before step ${number}: ${steps.join(", ")}\n${stderr}`).toBe(null);
    return steps[number - 1] ?? "";
  }
});
