/**
 * The dashboard's server on `examples/home`, over HTTP, with the real Nix and the real Incus: an edit is seen, planned, applied, told as it happens, and
 * taken back; what fails goes back; and an incusd that is killed comes back by itself.
 */
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FloeEvent } from "../../src/report/events.ts";
import type {
  FleetState,
  HistoryEntry,
  Job,
  JobDetails,
  JobProgress,
  KeptPlan,
  RollbackPreview,
  Storage,
} from "../../src/serve/protocol.ts";
import { history } from "../../src/state/journal.ts";
import { floe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { type Browser, type Listening, logIn, type Serving, startServing } from "../support/serve.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const root = path.resolve(import.meta.dirname, "../..");

describe.skipIf(skipIncus())("floe serve", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  let port: number;
  let original: string;
  let serving: Serving;
  let browser: Browser;
  let address: string;

  beforeAll(async () => {
    incus = await testIncus();
    port = await freePort();
    home = await tempProject({}, path.join(root, "examples/home"));
    await run("rm", [path.join(home.root, "containers/counter.ts")]);
    const config = await readFile(path.join(home.root, "floe.config.ts"), "utf8");
    await home.write("floe.config.ts", config.replace('name: "home"', `name: "${incus.project}"`));
    const web = await readFile(path.join(home.root, "containers/web.ts"), "utf8");
    original = web
      .replace(/"web-1": instance\(8081\), "web-2": instance\(8082\)/, `web: instance(${port})`)
      .replaceAll(/^(\s*)ports: /gm, `$1project: "${incus.project}",\n$1ports: `);
    expect(original).toContain(`web: instance(${port})`);
    await write("Hello from floe");
    serving = await startServing(home.root);
    browser = await logIn(serving);
    address = `local/${incus.project}/web`;
  });
  afterAll(async () => {
    await serving?.stop();
    await incus?.remove();
    await home?.remove();
    expect(serving?.said()).not.toContain("A mistake in floe");
  });

  const write = (greeting: string, edit = (text: string) => text) =>
    home.write("containers/web.ts", edit(original.replace("Hello from floe", greeting)));
  const heading = async (): Promise<string | undefined> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000) });
    return /<h1>(.*)<\/h1>/.exec(await answer.text())?.[1];
  };
  const web = ({ instances }: FleetState) => instances.find(({ name }) => name === "web");
  const plan = async (by = browser): Promise<KeptPlan> => {
    const { planId, state, error } = await by.ended(await by.begin("api/plan", { selection: null }));
    expect(state, error?.message).toBe("done");
    return by.get<KeptPlan>(`api/plans/${planId}`);
  };
  const apply = async (): Promise<JobDetails> => {
    const { id } = await plan();
    return browser.ended(await browser.begin("api/apply", { planId: id }));
  };
  const eventsOf = ({ events }: Listening, job: Job): FloeEvent[] =>
    events.flatMap(({ type, data }) =>
      type === "progress" && (data as JobProgress).job === job.id ? (data as JobProgress).events : [],
    );

  test("the first apply makes what is described; the state follows by itself", async () => {
    const before = await browser.fleetWhen(({ servers }) => servers[0]?.state === "connected", "the server");
    expect(web(before)).toMatchObject({ state: "absent" });
    const { text, kind } = await plan();
    expect(kind).toBe("instances");
    expect(text).toMatch(/\+ create +instance +web/);
    const job = await apply();
    expect(job, job.error?.message).toMatchObject({
      kind: "apply",
      title: "apply web",
      state: "done",
      subjects: [address],
    });
    expect(job.report?.counts).toMatchObject({ done: 2, failed: 0 });
    expect(await heading()).toBe("Hello from floe");
    const fleet = await browser.fleetWhen((each) => web(each)?.state === "running", "the instance to run");
    expect(web(fleet)).toMatchObject({
      isHealthy: true,
      isUpdateAvailable: false,
      links: [{ url: `http://127.0.0.1:${port}` }],
      startedAt: expect.stringMatching(/^20\d\d-/),
    });
  });

  test("usage is asked for while somebody looks", async () => {
    const page = await browser.listen();
    const fleet = await browser.fleetWhen((each) => web(each)?.cpu !== undefined, "its usage");
    page.close();
    expect(web(fleet)?.memory).toBeGreaterThan(100_000);
  });

  test("an edit is seen as an update; a plan from before it is refused; two browsers see the same apply", async () => {
    const guest = await logIn({ ...serving, link: (await floe(home.root, ["serve", "--new-link"])).stdout.trim() });
    const [mine, theirs] = [await browser.listen(), await guest.listen()];
    const old = await plan();
    await write("Hello from the dashboard");
    const fleet = await browser.fleetWhen((each) => (web(each)?.pending?.length ?? 0) > 0, "what is pending");
    expect(web(fleet)).toMatchObject({ isUpdateAvailable: true, pending: [{ key: "image" }] });
    expect(await browser.post("api/apply", { planId: old.id })).toMatchObject({
      status: 409,
      body: { code: "PLAN_STALE" },
    });
    expect(await heading()).toBe("Hello from floe");

    const { id, text } = await plan(guest);
    expect(text).toContain("replace  instance  web");
    const job = await browser.begin("api/apply", { planId: id });
    const refused = await guest.post("api/power", { action: "restart", instances: [address] });
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "LOCKED", message: expect.stringContaining('"apply web"') },
    });
    const terminal = await floe(home.root, ["restart", "web", "--yes"]);
    expect(terminal).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Another floe is at work") });
    const ended = await browser.ended(job);
    expect(ended, ended.error?.message).toMatchObject({ state: "done", user: browser.session.user });
    expect(await heading()).toBe("Hello from the dashboard");

    const steps = ended.events.flatMap((event) => (event.type === "step.end" ? [event.step] : []));
    expect(steps).toEqual(expect.arrayContaining(["create", "stop", "start", "health"]));
    for (const stream of [mine, theirs]) {
      await expect.poll(() => eventsOf(stream, job).length).toBe(ended.events.length);
      expect(eventsOf(stream, job)).toEqual(ended.events);
      stream.close();
    }
    await browser.fleetWhen((each) => web(each)?.isUpdateAvailable === false, "no update");
    expect(history(home.root)[0]).toMatchObject({ verb: "apply", by: browser.session.user, exitCode: 0 });
    expect((await browser.get<HistoryEntry[]>("api/history"))[0]).toMatchObject({ verb: "apply", job: job.id });
  });

  test("a rollback is shown before it is done", async () => {
    const preview = await browser.post("api/instances/web/rollback", { dryRun: true });
    expect(preview.status).toBe(200);
    expect((preview.body as RollbackPreview).lines.join("\n")).toContain("swapped for its predecessor");
    expect(await heading()).toBe("Hello from the dashboard");
    const job = await browser.ended(await browser.begin("api/instances/web/rollback", {}));
    expect(job, job.error?.message).toMatchObject({ kind: "rollback", state: "done" });
    expect(await heading()).toBe("Hello from floe");
  });

  test("what fails its health check goes back, and the job says so", async () => {
    await write("Bad", (text) => text.replace("body: greeting", 'body: "never"').replace("30s", "2s"));
    const job = await apply();
    expect(job).toMatchObject({ state: "failed", error: { code: "APPLY" }, report: { counts: { undone: 1 } } });
    expect(await heading()).toBe("Hello from floe");
    await write("Hello from floe");
  });

  test("a job that is cancelled leaves what was there", async () => {
    await write("Never seen", (text) => text.replace("body: greeting", 'body: "never"'));
    const { id } = await plan();
    const job = await browser.begin("api/apply", { planId: id });
    await expect
      .poll(
        async () =>
          (await browser.get<JobDetails>(`api/jobs/${job.id}`)).events.some(
            (event) => event.type === "step.start" && event.step === "health",
          ),
        {
          timeout: 30_000,
        },
      )
      .toBe(true);
    expect(await browser.post(`api/jobs/${job.id}/cancel`)).toMatchObject({ status: 200 });
    expect(await browser.ended(job)).toMatchObject({ state: "cancelled" });
    expect(await heading()).toBe("Hello from floe");
    expect(await browser.post(`api/jobs/${job.id}/cancel`)).toMatchObject({ status: 409, body: { code: "OVER" } });
    await write("Hello from floe");
  });

  test("power, of what is named", async () => {
    const stop = await browser.ended(
      await browser.begin("api/power", { action: "stop", instances: [address], force: true }),
    );
    expect(stop, stop.error?.message).toMatchObject({ kind: "power", title: "stop web", state: "done" });
    await browser.fleetWhen((each) => web(each)?.state === "stopped", "the instance to stop");
    await browser.ended(await browser.begin("api/power", { action: "start", instances: [address] }));
    await browser.fleetWhen((each) => web(each)?.state === "running", "the instance to run");
    expect(await heading()).toBe("Hello from floe");
  });

  test("what somebody does beside floe is seen by its events, not at the next look", async () => {
    await incus.client.setInstanceState(incus.project, "web", "stop", { force: true });
    const begun = Date.now();
    await browser.fleetWhen((each) => web(each)?.state === "stopped", "the instance to stop");
    expect(Date.now() - begun).toBeLessThan(15_000);
    await incus.client.setInstanceState(incus.project, "web", "start");
    await browser.fleetWhen((each) => web(each)?.state === "running", "the instance to run");
  });

  test("images are pruned that were seen and that nothing needs", async () => {
    const { images } = await browser.get<Storage>("api/storage");
    const needed = images.filter(({ isPrunable, project }) => !isPrunable && project === incus.project);
    const prunable = images.filter(({ isPrunable }) => isPrunable);
    const named = [...needed, ...prunable].map(({ server, fingerprint }) => ({ server, fingerprint }));
    const job = await browser.ended(await browser.begin("api/images/prune", { images: named }));
    expect(job, job.error?.message).toMatchObject({ kind: "prune", state: "done" });
    const left = (await browser.get<Storage>("api/storage")).images.map(({ fingerprint }) => fingerprint);
    expect(left).toEqual(expect.arrayContaining(needed.map(({ fingerprint }) => fingerprint)));
    for (const { fingerprint } of prunable) expect(left).not.toContain(fingerprint);
  });

  test("Ctrl-C waits for a change that is under way; a second one cancels it as in a terminal", async () => {
    await write("Applied while it ended");
    const { id } = await plan();
    await browser.begin("api/apply", { planId: id });
    expect(await serving.stop()).toBe(0);
    expect(serving.said()).toContain('"apply web" is under way: floe serve ends when it is done');
    expect(await heading()).toBe("Applied while it ended");

    serving = await startServing(home.root);
    browser = await logIn(serving);
    await write("Never seen", (text) => text.replace("body: greeting", 'body: "never"'));
    const next = await plan();
    const job = await browser.begin("api/apply", { planId: next.id });
    await expect
      .poll(async () => (await browser.get<JobDetails>(`api/jobs/${job.id}`)).events.length, { timeout: 20_000 })
      .toBeGreaterThan(10);
    const ended = serving.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    serving.child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(serving.said()).toContain('Cancelling "apply web"');
    expect(await heading()).toBe("Applied while it ended");
    expect(history(home.root)[0]?.endedAt).toBeDefined();
  });
});

describe.skipIf(skipIncus())("an incusd that is killed", { timeout: 180_000 }, () => {
  const dir = path.join(os.tmpdir(), `floe-serve-${process.pid}`);
  const incusd = (verb: string) => run("node", [path.join(root, "scripts/setup/incusd.mjs"), verb, "--dir", dir]);
  let home: TempProject;
  let serving: Serving;

  beforeAll(async () => {
    await incusd("start");
    home = await tempProject({
      "floe.config.ts": `import { container, fleet } from "floe";
export default fleet({ name: "killed", inputs: {}, incus: { local: { socket: ${JSON.stringify(path.join(dir, "unix.socket"))} } } });
`,
    });
    serving = await startServing(home.root);
  }, 120_000);
  afterAll(async () => {
    await serving?.stop();
    await incusd("remove");
    await home?.remove();
  }, 120_000);

  test("its server is unreachable at once, and connected again when it is back; pages are told", async () => {
    const browser = await logIn(serving);
    await browser.fleetWhen(({ servers }) => servers[0]?.state === "connected", "the server");
    const page = await browser.listen();
    const pid = Number(await readFile(path.join(dir, "floe-incusd.pid"), "utf8"));
    process.kill(pid, "SIGKILL");
    const begun = Date.now();
    const gone = await browser.fleetWhen(({ servers }) => servers[0]?.state === "unreachable", "the server to be gone");
    expect(Date.now() - begun).toBeLessThan(2000);
    expect(gone.servers[0]?.error).toBeDefined();
    await incusd("start");
    const back = Date.now();
    const again = await browser.fleetWhen(({ servers }) => servers[0]?.state === "connected", "the server to be back");
    expect(Date.now() - back).toBeLessThan(7000);
    expect(again.servers[0]?.version).toMatch(/^\d+\./);
    const told = () => page.events.filter(({ type }) => type === "fleet").at(-1)?.data as FleetState | undefined;
    await expect.poll(() => told()?.servers[0]?.state).toBe("connected");
    expect(page.events.some(({ data }) => (data as FleetState).servers?.[0]?.state === "unreachable")).toBe(true);
    page.close();
  });
});
