/** The dashboard's routes of single things, over real HTTP and WebSockets, with the real Incus and containers of firn. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type {
  DrawnGraph,
  HistoryDetails,
  HistoryEntry,
  InstanceDetails,
  Refusal,
  Settings,
  Storage,
  Trusted,
} from "../../src/serve/protocol.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { tinyImage } from "../support/tiny-image.ts";
import { type Dashboard, openDashboard, type TestSocket } from "./serve-details-support.ts";

const root = path.resolve(import.meta.dirname, "../..");
const soon = { timeout: 10_000, interval: 50 };

describe.skipIf(skipIncus())("details on the dashboard", { timeout: 60_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  let page: Dashboard;
  let port: number;

  beforeAll(async () => {
    incus = await testIncus();
    port = await freePort();
    home = await tempProject({}, path.join(root, "examples/home"));
    await home.write("floe.config.ts", fleetText(incus.project));
    await home.write("containers/web.ts", webText("one"));
    await home.write("containers/counter.ts", "");
    for (const file of ["containers/counter.ts", "hosts", "devshells.ts"])
      await rm(path.join(home.root, file), { recursive: true });
    page = await openDashboard(home.root);
    await vi.waitFor(async () => expect((await page.get("api/instances/web")).status).toBe(200), soon);
    await applyAll();
  }, 120_000);
  afterAll(async () => {
    await page?.running.close();
    await incus?.remove();
    await home?.remove();
  });

  const fleetText = (project: string) => `import { dir, fleet } from "floe";
export default fleet({ name: "${project}", inputs: { nixpkgs: dir("./firn") }, containers: dir("./containers") });
`;
  const webText = (text: string) => `import { container, nix } from "floe";
export default container({
  instances: { web: {
    project: "${incus.project}", ports: { ${port}: 80 }, config: { "limits.memory": "256MiB" },
    volumes: { "/data": { pool: "default", name: "web-data" } }, keep: 1,
    health: [{ http: "http://127.0.0.1:${port}/", body: "${text}", within: "10s" }],
  } },
}, {
  imports: [nix.path("../modules/site.nix")],
  services: { httpd: { root: "/etc/site" } },
  environment: { etc: { "site/index.html": { text: "${text}" } } },
});
`;
  async function applyAll(): Promise<void> {
    const planned = await page.job("api/plan", { selection: null });
    expect(planned, JSON.stringify(planned)).toMatchObject({ state: "done" });
    const done = await page.job("api/apply", { planId: planned.planId });
    expect(done.state, JSON.stringify(done.error)).toBe("done");
  }
  const details = async (name = "web") => (await page.get<InstanceDetails>(`api/instances/${name}`)).body;
  const sh = (script: string) => incus.client.exec(incus.project, "web", ["/bin/sh", "-c", script]);

  test("an instance: declared against as it is, devices, volumes, checks, health", async () => {
    const found = await details();
    expect(found).toMatchObject({
      address: `local/${incus.project}/web`,
      source: expect.stringMatching(/^containers\/web\.ts:\d+$/),
      checks: [`GET http://127.0.0.1:${port}/ answers 200 to 299 with "one" in its body, within 10 s`],
      volumes: [{ pool: "default", name: "web-data", path: "/data" }],
      snapshots: [],
      kept: [],
    });
    expect(found.compared).toContainEqual({ key: "config.limits.memory", declared: "256MiB", actual: "256MiB" });
    expect(found.compared.filter(({ declared, actual }) => declared !== actual)).toEqual([]);
    expect(found.devices.find(({ name }) => name === "root")?.from).toBe("profile default");
    expect(found.devices.filter(({ from }) => from === "instance").length).toBe(2);
    expect(found.health[0]).toMatchObject({ failures: [] });

    await incus.client.patchInstance(incus.project, "web", {
      config: { "limits.memory": "512MiB", "user.note": "mine" },
    });
    const drift = (await details()).compared.filter(({ isDrift }) => isDrift === true);
    expect(drift).toEqual([
      { key: "config.limits.memory", declared: "256MiB", actual: "512MiB", isDrift: true },
      { key: "config.user.note", actual: "mine", isDrift: true },
    ]);
    await applyAll();
    expect((await page.get<Refusal>("api/instances/wbe")).body).toMatchObject({
      code: "NOT_FOUND",
      hint: 'Did you mean "web"?',
    });
  });

  test("snapshots: made, gone back to once it was confirmed, deleted; each in the history with who wanted it", async () => {
    await sh("echo before >/root/note");
    expect((await page.job("api/instances/web/snapshots", { name: "s1" })).state).toBe("done");
    expect((await page.send("POST", "api/instances/web/snapshots", { name: "../s1" })).status).toBe(400);
    await sh("echo after >/root/note");
    expect((await details()).snapshots).toMatchObject([{ name: "s1" }]);
    expect((await page.send("POST", "api/instances/web/snapshots/s1/restore", {})).status).toBe(400);
    expect((await sh("cat /root/note")).stdout).toBe("after\n");
    const restored = await page.job("api/instances/web/snapshots/s1/restore", { confirm: "s1", saveAs: "s2" });
    expect(restored.state, JSON.stringify(restored.error)).toBe("done");
    expect((await sh("cat /root/note")).stdout).toBe("before\n");
    expect((await details()).snapshots.map(({ name }) => name)).toEqual(["s2", "s1"]);
    for (const name of ["s1", "s2"])
      expect((await page.job(`api/instances/web/snapshots/${name}`, undefined, "DELETE")).state).toBe("done");
    expect((await details()).snapshots).toEqual([]);
    const missing = await page.job("api/instances/web/snapshots/s1/restore", { confirm: "s1" });
    expect(missing).toMatchObject({ state: "failed", error: { message: 'The instance "web" has no snapshot "s1"' } });

    const { body: history } = await page.get<HistoryEntry[]>("api/history");
    expect(history.slice(0, 5).map(({ verb, exitCode }) => `${verb} ${exitCode}`)).toEqual([
      "snapshot restore 1",
      "snapshot delete 0",
      "snapshot delete 0",
      "snapshot restore 0",
      "snapshot create 0",
    ]);
    expect(history[0]).toMatchObject({ user: expect.stringMatching(/@/), job: missing.id });
    const { body: run } = await page.get<HistoryDetails>(`api/history/${history[3]?.id}`);
    expect(run.entries.map((entry) => ("step" in entry ? `${entry.type} ${entry.step}` : entry.type))).toEqual([
      "begin",
      "intent snapshot",
      "done snapshot",
      "intent restore",
      "done restore",
      "intent health",
      "done health",
      "change",
      "end",
    ]);
    for (const id of ["nosuch", "..%2Flock", "%2e%2e", "lock"])
      expect([400, 404]).toContain((await page.get(`api/history/${id}`)).status);
  });

  async function terminal(query = "width=80&height=24", route = "terminal"): Promise<TestSocket> {
    const opened = page.socket(`api/instances/web/${route}?${query}`);
    await new Promise<void>((resolve, reject) => opened.socket.once("open", resolve).once("error", reject));
    return opened;
  }
  const text = (socket: TestSocket) => socket.output().toString("utf8");

  test("a terminal: echo, size, Ctrl-C, and the exit code", async () => {
    const shell = await terminal("width=91&height=33");
    shell.type("stty size; echo $TERM-$((40+2))\r");
    await expect.poll(() => text(shell), soon).toMatch(/33 91\r\n.*xterm-256color-42\r\n/s);
    shell.socket.send(JSON.stringify({ type: "resize", width: 120, height: 40 }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    shell.type("stty size\r");
    await expect.poll(() => text(shell), soon).toContain("40 120\r\n");
    shell.type("sleep 1000\r");
    await expect.poll(async () => (await sh("ps | grep -c '[s]leep 1000'")).stdout, soon).toBe("1\n");
    shell.type("\u0003");
    shell.type("echo still-$((1+1))\r");
    await expect.poll(() => text(shell), soon).toContain("still-2\r\n");
    shell.type("exit 7\r");
    expect(await shell.closed).toBe(1000);
    expect(shell.messages).toEqual([{ type: "exit", code: 7 }]);
  });

  test("a browser that leaves takes its shell with it", async () => {
    const shell = await terminal();
    shell.type("echo pid=$$; exec sleep 4321\r");
    await expect.poll(() => text(shell), soon).toMatch(/pid=\d+/);
    await expect.poll(async () => (await sh("ps | grep -c '[s]leep 4321'")).stdout, soon).toBe("1\n");
    shell.socket.terminate();
    await expect.poll(async () => (await sh("ps | grep -c '[s]leep 4321'")).stdout, soon).toBe("0\n");
  });

  test("20 MB come whole, and what makes them waits for a browser that does not read", async () => {
    const [pieces, bytes] = [300, 65_536];
    const shell = await terminal();
    shell.type("stty -onlcr -echo; echo ready\r");
    await expect.poll(() => text(shell), soon).toContain("ready\n");
    await new Promise((resolve) => setTimeout(resolve, 200));
    const begin = shell.output().length;
    shell.socket.pause();
    const piece = `head -c ${bytes} /dev/zero | tr '\\0' x; echo $i >/tmp/piece`;
    shell.type(`i=0; while [ $i -lt ${pieces} ]; do i=$((i+1)); ${piece}; done; echo; echo flood-done\r`);
    const made = async () => Number((await sh("cat /tmp/piece 2>/dev/null || echo 0")).stdout);
    let before = 0;
    const goesOn = async () => {
      const last = before;
      before = await made();
      return last !== before || before === 0;
    };
    // Sockets on the way hold some megabytes.
    await expect.poll(goesOn, { timeout: 20_000, interval: 1000 }).toBe(false);
    expect(before).toBeLessThan(pieces);
    expect(shell.output().length).toBe(begin);
    shell.socket.resume();
    await expect.poll(() => text(shell).endsWith("flood-done\n~ # "), { timeout: 60_000, interval: 500 }).toBe(true);
    const flood = shell.output().subarray(begin);
    expect(flood.filter((byte) => byte === 120).length).toBe(pieces * bytes);
    shell.socket.close();
    await shell.closed;
  }, 120_000);

  test("what no terminal sends ends it with a reason", async () => {
    for (const [message, reason] of [
      ["{}", "no message of a terminal"],
      ["not json", "no message of a terminal"],
      [Buffer.alloc(70_000), "at most 65536 bytes"],
    ] as const) {
      const shell = await terminal();
      shell.socket.send(message);
      expect(await shell.closed).toBe(1011);
      expect(shell.messages).toMatchObject([{ type: "error", message: expect.stringContaining(reason) }]);
    }
  });

  test("the console: attached, left, attached again; for one at a time", async () => {
    await sh('(while read -r line; do echo "got $line"; done </dev/console >/dev/console 2>&1) >/dev/null 2>&1 &');
    for (const word of ["hello", "again"]) {
      const console = await terminal("width=80&height=24", "attach");
      // What is typed while Incus attaches is lost.
      const typed = async () => {
        console.type(`${word}\r`);
        await new Promise((resolve) => setTimeout(resolve, 300));
        return text(console);
      };
      await expect.poll(typed, soon).toContain(`got ${word}`);
      const second = await terminal("width=80&height=24", "attach");
      expect(await second.closed).toBe(1011);
      expect(second.messages).toMatchObject([{ type: "error", message: expect.stringContaining("already connected") }]);
      console.socket.close();
      await console.closed;
      // Incus frees it a moment after.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  });

  test("the log follows, for several who look, and is nothing but data", async () => {
    const first = page.events("api/instances/web/logs?lines=50");
    await expect.poll(() => first.events[0], soon).toMatchObject({ event: "source", data: { source: "console" } });
    const nasty = "<script>alert(1)</script> \u001b[31mred\u001b[0m data: x event: end";
    // What was typed in the test before may stand there without an end of its line.
    await sh(`printf '\\n%s\\n' '${nasty}' >/dev/console`);
    await expect.poll(() => first.lines(), soon).toContain(nasty);
    const second = page.events("api/instances/web/console?lines=50");
    await expect.poll(() => second.lines(), soon).toContain(nasty);
    await sh(
      "echo for-both >/dev/console; head -c 10000 /dev/zero | tr '\\0' y >/dev/console; echo >/dev/console; echo last-one >/dev/console",
    );
    for (const stream of [first, second]) {
      await expect.poll(() => stream.lines(), soon).toContain("last-one");
      expect(stream.lines()).toContain("for-both");
      expect(stream.lines()).toContain(`${"y".repeat(4096)}…`);
      expect(stream.events.filter(({ event }) => event === "end")).toEqual([]);
      stream.close();
    }
    const few = page.events("api/instances/web/logs?lines=1");
    await expect.poll(() => few.lines(), soon).toEqual(["last-one"]);
    few.close();
  });

  test("what somebody else made under a name of the fleet is neither entered nor read", async () => {
    await home.write(
      "containers/other.ts",
      webText("other")
        .replaceAll("web", "other")
        .replace(String(port), String(await freePort())),
    );
    await expect.poll(async () => (await page.get("api/instances/other")).status, soon).toBe(200);
    const { value: web } = (await incus.client.getInstance(incus.project, "web")) as {
      value: { config: Record<string, string> };
    };
    const image = web.config["volatile.base_image"] as string;
    const source = { type: "image" as const, fingerprint: image };
    const body = { name: "other", type: "container" as const, profiles: ["default"], config: {}, devices: {}, source };
    await incus.client.createInstance(incus.project, body);
    await incus.client.setInstanceState(incus.project, "other", "start");
    const shell = page.socket("api/instances/other/terminal");
    expect(await shell.closed).toBe(1011);
    expect(shell.messages).toMatchObject([
      { type: "error", message: expect.stringContaining("not made by this fleet") },
    ]);
    // On a busy machine the stream is open before the refusal is there, which then comes as an event.
    for (const route of ["logs", "console"])
      await expect
        .poll(() => page.get<Refusal>(`api/instances/other/${route}`).catch(() => undefined), soon)
        .toMatchObject({ status: 403, body: { code: "FOREIGN" } });
    await incus.client.setInstanceState(incus.project, "other", "stop", { force: true });
    await incus.client.deleteInstance(incus.project, "other");
    await rm(path.join(home.root, "containers/other.ts"));
    await expect.poll(async () => (await page.get("api/instances/other")).status, soon).toBe(404);
  });

  test("storage says what is used and by whom, and prune deletes what the person saw and nothing else", async () => {
    const before = (await page.get<Storage>("api/storage")).body;
    expect(before.pools).toMatchObject([
      { server: "local", name: "default", driver: "dir", total: expect.any(Number) },
    ]);
    expect(before.volumes.find(({ name, project }) => name === "web-data" && project === incus.project)).toMatchObject({
      usedBy: ["web"],
      state: "declared",
    });
    for (const text of ["two", "three"]) {
      // Of a container that is no longer described.
      const properties = { "floe.fleet": incus.project, "floe.container": "gone", "floe.rootfs": `/nix/store/${text}` };
      await incus.client.uploadImage(incus.project, await tinyImage({ page: `${incus.project} ${text}`, properties }));
    }
    const storage = (await page.get<Storage>("api/storage")).body;
    const own = storage.images.filter(({ project }) => project === incus.project);
    const prunable = own.filter(({ isPrunable }) => isPrunable);
    expect(own.find(({ usedBy }) => usedBy.includes("used by web"))?.isPrunable).toBe(false);
    expect(prunable.map(({ container }) => container)).toEqual(["gone", "gone"]);
    expect(storage.prunableBytes).toBe(prunable.reduce((sum, { bytes }) => sum + bytes, 0));
    const used = own.find(({ isPrunable }) => !isPrunable);
    const seen = [prunable[0], used].map((image) => ({ server: "local", fingerprint: image?.fingerprint }));
    expect((await page.job("api/images/prune", { images: seen })).state).toBe("done");
    const left = (await page.get<Storage>("api/storage")).body.images.map(({ fingerprint }) => fingerprint);
    expect(left).not.toContain(prunable[0]?.fingerprint);
    expect(left).toContain(used?.fingerprint);
    expect(left).toContain(prunable[1]?.fingerprint);
  });

  test("a server is trusted by a token, and only once", async () => {
    const config = await tempProject();
    const before = process.env["XDG_CONFIG_HOME"];
    process.env["XDG_CONFIG_HOME"] = config.root;
    const address = `127.0.0.1:${await freePort()}`;
    await incus.client.request("PATCH", "/1.0", { config: { "core.https_address": address } });
    try {
      const stdout = await run("incus", ["config", "trust", "add", "dashboard", "--quiet"]);
      const token = stdout.trim().split("\n").at(-1) ?? "";
      const url = `https://${address}`;
      const trusted = await page.send<Trusted>("POST", "api/remotes", { name: "far", token, url });
      expect(trusted).toMatchObject({ status: 200, body: { name: "far", url, isTrusted: true } });
      const { body } = await page.get<Settings>("api/settings");
      expect(body.servers.find(({ name }) => name === "far")).toMatchObject({ isTrusted: true, address: url });
      expect(body.clientFingerprint).toMatch(/^[0-9a-f]{64}$/);
      await incus.client.request("DELETE", `/1.0/certificates/${body.clientFingerprint}`);
      const again = await page.send<Refusal>("POST", "api/remotes", { name: "far", token, url });
      expect(again).toMatchObject({
        status: 502,
        body: { message: expect.stringContaining("does not accept the token") },
      });
    } finally {
      await incus.client.request("PATCH", "/1.0", { config: { "core.https_address": "" } });
      if (before === undefined) delete process.env["XDG_CONFIG_HOME"];
      else process.env["XDG_CONFIG_HOME"] = before;
      await config.remove();
    }
  });

  test("the graph, the settings, and a token that is none", async () => {
    const { graph, svg } = (await page.get<DrawnGraph>("api/graph")).body;
    expect(graph.nodes.map(({ id }) => id)).toEqual(expect.arrayContaining(["instance:web", "container:web"]));
    expect(svg).toMatch(/^<svg /);
    const settings = (await page.get<Settings>("api/settings")).body;
    expect(settings.servers[0], JSON.stringify(settings.servers[0])).toMatchObject({
      name: "local",
      kind: "unix",
      state: "connected",
      isTrusted: true,
    });
    expect(settings).toMatchObject({ readOnly: false, sessions: 1 });
    const refused = await page.send<Refusal>("POST", "api/remotes", { name: "crown", token: "nonsense" });
    expect(refused).toMatchObject({ status: 400, body: { message: "This is no token of an Incus server" } });
  });

  test("read-only: looked at, and nothing else", async () => {
    const reader = await openDashboard(home.root, { readOnly: true });
    try {
      await expect.poll(async () => (await reader.get("api/instances/web")).status, soon).toBe(200);
      for (const [method, route, body] of [
        ["POST", "api/instances/web/snapshots", { name: "s9" }],
        ["DELETE", "api/instances/web/snapshots/s9", undefined],
        ["POST", "api/images/prune", { images: [] }],
        ["POST", "api/remotes", { name: "x", token: "y" }],
      ] as const)
        expect(await reader.send(method, route, body)).toMatchObject({ status: 403, body: { code: "READ_ONLY" } });
      for (const route of ["terminal", "attach"]) {
        const refused = reader.socket(`api/instances/web/${route}`);
        const status = await new Promise((resolve) => {
          refused.socket.once("unexpected-response", (_request, response) => resolve(response.statusCode));
          refused.socket.once("open", () => resolve("open"));
        });
        expect(status).toBe(403);
      }
      const logs = reader.events("api/instances/web/logs");
      await expect.poll(() => logs.events.length, soon).toBeGreaterThan(0);
      logs.close();
    } finally {
      await reader.running.close();
    }
  });
});
