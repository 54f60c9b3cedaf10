/** The verbs for instances, images and volumes with the built command on the real Incus; the fleet is the smallest that evaluates. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debianImage, skipDebian } from "../support/debian-image.ts";
import { type FloeResult, floe, startFloe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { tinyImage } from "../support/tiny-image.ts";

const labels = (fleet: string, name: string, container = "web") => ({
  "user.floe.fleet": fleet,
  "user.floe.instance": name,
  "user.floe.container": container,
  "user.floe.role": "current",
  "user.floe.healthy": "true",
});

describe.skipIf(skipIncus())("the verbs, as a user", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  /** Also the name of the fleet: other tests share the daemon. */
  let fleet: string;
  let image: Awaited<ReturnType<typeof tinyImage>>;

  beforeAll(async () => {
    incus = await testIncus();
    fleet = incus.project;
    image = await tinyImage({ page: "verbs\n" });
    home = await tempProject({
      "base/flake.nix": "{ outputs = { self }: { lib = { }; legacyPackages.x86_64-linux = { }; }; }\n",
      "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "${fleet}", inputs: { nixpkgs: dir("./base") }, containers: dir("./containers") });
`,
      "containers/web.ts": `import { container } from "floe";
const health = [{ exec: ["sh", "-c", "test ! -e /tmp/ill"], within: "1s", interval: "50ms" }];
const instance = { project: "${fleet}", health };
export default container({ system: "x86_64-linux", instances: {
  db: { ...instance, volumes: { "/data": { pool: "default", name: "db-data" } } },
  web: { ...instance, dependsOn: ["db"] },
} }, {});
`,
    });
    await upload(image, "web");
    await create("db");
    await create("web");
  }, 60_000);
  afterAll(async () => {
    await incus?.remove();
    await home?.remove();
  });

  /** As floe's apply leaves them. */
  async function upload(files: typeof image, container: string): Promise<void> {
    const properties = { "floe.fleet": fleet, "floe.container": container, "floe.revision": "0123456789ab" };
    await incus.client.uploadImage(incus.project, { ...files, properties });
  }
  async function create(name: string, fingerprint = image.fingerprint): Promise<void> {
    const body = { name, type: "container" as const, profiles: ["default"], config: labels(fleet, name), devices: {} };
    await incus.client.createInstance(incus.project, { ...body, source: { type: "image", fingerprint }, start: true });
  }
  const run = (...args: string[]): Promise<FloeResult> => floe(home.root, args);
  const document = ({ stdout }: FloeResult) => JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  const stepsIn = ({ stdout }: FloeResult): string[] =>
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ kind, event }) => kind === "event" && event.type === "step.start")
      .map(({ event }) => `${event.step} ${event.subject.split("/").at(-1)}`);
  const states = async () =>
    Object.fromEntries((await incus.client.listInstances(incus.project)).map(({ name, status }) => [name, status]));
  const sh = (name: string, script: string) => incus.client.exec(incus.project, name, ["sh", "-c", script]);

  describe("restart, stop, start", () => {
    test("need a yes where nobody can be asked", async () => {
      for (const verb of ["restart", "stop", "start"]) {
        const { exitCode, stderr } = await run(verb, "web");
        expect(exitCode).toBe(2);
        expect(stderr).toContain("--yes");
      }
      expect(await states()).toEqual({ db: "Running", web: "Running" });
    });

    test("stop goes against the dependencies and start along them; twice is no error", async () => {
      const stopped = await run("stop", "--yes", "--json", "instance:*");
      expect(stopped.exitCode, stopped.stderr).toBe(0);
      expect(stepsIn(stopped)).toEqual(["stop web", "stop db"]);
      expect(await states()).toEqual({ db: "Stopped", web: "Stopped" });
      expect((await run("stop", "--yes", "web")).stdout).toMatch(/= web {2}was stopped already/);
      const started = await run("start", "--yes", "--json", "web", "db");
      expect(started.exitCode, started.stderr).toBe(0);
      expect(stepsIn(started)).toEqual(["start db", "health db", "start web", "health web"]);
      expect(document(started)).toMatchObject({ kind: "start", instances: [{ name: "db", outcome: "done" }, {}] });
      expect((await run("start", "--yes", "web")).stdout).toMatch(/= web {2}ran already/);
    });

    test("restart waits for health, says what fails, and spares what depends on it", async () => {
      const before = (await incus.client.getInstanceState(incus.project, "web")).pid;
      const fine = await run("restart", "--yes", "web");
      expect(fine.exitCode, fine.stderr).toBe(0);
      expect(fine.stdout).toMatch(/✓ web {2}restarted/);
      expect((await incus.client.getInstanceState(incus.project, "web")).pid).not.toBe(before);
      await sh("db", "touch /tmp/ill");
      const { exitCode, stdout, stderr } = await run("restart", "--yes", "web", "db");
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/Cannot restart instance db: "db" is not healthy: Not healthy within 1 s/);
      expect(stdout).toMatch(/✗ db {2,}failed/);
      expect(stdout).toMatch(/· web {2}not begun: "db", which goes before it, failed/);
      await sh("db", "rm /tmp/ill");
    });

    test("one that does not stop in its time is left running; --force ends it", async () => {
      await incus.client.patchInstance(incus.project, "web", { config: { "raw.lxc": "lxc.signal.halt = SIGWINCH" } });
      await run("restart", "--yes", "--force", "web");
      const polite = await run("stop", "--yes", "--timeout", "1s", "web");
      expect(polite.exitCode).toBe(1);
      expect(polite.stderr).toMatch(/It did not stop within 1 s[\s\S]*floe stop web --force/);
      expect((await states())["web"]).toBe("Running");
      expect((await run("stop", "--yes", "--force", "web")).exitCode).toBe(0);
      expect((await states())["web"]).toBe("Stopped");
      await incus.client.request("PATCH", `/1.0/instances/web?project=${incus.project}`, { config: { "raw.lxc": "" } });
      expect((await run("start", "--yes", "web")).exitCode).toBe(0);
    });

    test("an instance that is not the fleet's is not touched, and one that is not there is said", async () => {
      await incus.client.patchInstance(incus.project, "web", { config: { "user.floe.fleet": "other" } });
      const foreign = await run("stop", "--yes", "web");
      expect(foreign.exitCode).toBe(1);
      expect(foreign.stderr).toMatch(/was not made by this fleet/);
      expect((await states())["web"]).toBe("Running");
      await incus.client.patchInstance(incus.project, "web", { config: { "user.floe.fleet": fleet } });
      expect((await run("stop", "--yes", "wep")).stderr).toMatch(/Did you mean web\?/);
    });
  });

  test("list: addresses, age of the image, and with --health what is wrong now", async () => {
    await sh("web", "touch /tmp/ill");
    const { stdout, exitCode } = await run("list", "--health");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/db +running +web +just now +just now +healthy/);
    expect(stdout).toMatch(/web +running +web +just now +just now +unhealthy/);
    expect(stdout).toMatch(/Not healthy\n +✗ web +Command "sh -c test ! -e \/tmp\/ill" ended with 1/);
    const { instances } = document(await run("list", "--json", "--health", "instance:web"));
    expect(instances).toMatchObject([
      { name: "web", image: { fingerprint: image.fingerprint }, failures: [expect.stringContaining("ended with 1")] },
    ]);
    await sh("web", "rm /tmp/ill");
    expect((await run("list")).stdout).toMatch(/web +running +web +just now +just now +healthy/);
  });

  test("list --health asks the checks that an instance was applied with, as after a rollback", async () => {
    const command = ["sh", "-c", "test ! -e /tmp/before"];
    const applied = [{ kind: "exec", command, withinMs: 1000, intervalMs: 50 }];
    const setHealth = (text: string) =>
      incus.client.patchInstance(incus.project, "db", { config: { "user.floe.health": text } });
    await setHealth(JSON.stringify(applied));
    await sh("db", "touch /tmp/before");
    const { stdout } = await run("list", "--health");
    expect(stdout).toMatch(/✗ db +Command "sh -c test ! -e \/tmp\/before" ended with 1/);
    await sh("db", "rm /tmp/before");
    await setHealth("");
  });

  describe("images and volumes", () => {
    test("image list says what uses each, how large it is and which commit it is from", async () => {
      const { stdout } = await run("image", "list");
      expect(stdout).toMatch(
        new RegExp(`web +${image.fingerprint.slice(0, 12)} +[\\d.]+ (kB|MB) +just now +0123456789ab +db, web`),
      );
      const { images } = document(await run("image", "list", "--json"));
      expect(images).toMatchObject([{ container: "web", usedBy: ["db", "web"], keptFor: "used by db, web" }]);
    });

    test("image prune deletes only what nothing needs, in any project, and only with --yes", async () => {
      const other = `${incus.project}-b`;
      const pages = await Promise.all(["old", "older", "aliased", "used elsewhere"].map((page) => tinyImage({ page })));
      const [old, older, aliased, elsewhere] = pages as [typeof image, typeof image, typeof image, typeof image];
      for (const files of pages) await upload(files, "gone");
      const { fingerprint } = aliased;
      await incus.client.setAlias(incus.project, { name: "mine", target: fingerprint, description: "by hand" });
      // A project that shares the images of the default one would not do: here the image is there under the same fingerprint.
      await incus.client.request("POST", "/1.0/projects", {
        name: other,
        config: { "features.images": "true", "features.profiles": "true", "user.floe.test.pid": String(process.pid) },
      });
      try {
        await incus.client.uploadImage(other, elsewhere);
        const devices = { root: { type: "disk", path: "/", pool: "default" } };
        await incus.client.createInstance(other, {
          name: "user",
          type: "container",
          profiles: [],
          config: {},
          devices,
          source: { type: "image", fingerprint: elsewhere.fingerprint },
        });
        const dry = await run("image", "prune");
        expect(dry.exitCode, dry.stderr).toBe(0);
        expect(dry.stdout).toMatch(/2 images, [\d.]+ (kB|MB) would be deleted; nothing was/);
        const { images } = document(await run("image", "list", "--json"));
        const kept = (of: typeof image) =>
          images.find((one: { fingerprint: string }) => one.fingerprint === of.fingerprint).keptFor;
        expect([old, older, aliased, elsewhere].map(kept)).toEqual([
          null,
          null,
          "the alias mine names it",
          `used by ${other}/user`,
        ]);
        const wet = await run("image", "prune", "--yes");
        expect(wet.exitCode, wet.stderr).toBe(0);
        expect(wet.stdout).toMatch(/2 images deleted, [\d.]+ (kB|MB) freed/);
        const left = (await incus.client.listImages(incus.project)).map((one) => one.fingerprint).sort();
        expect(left).toEqual([image, aliased, elsewhere].map((one) => one.fingerprint).sort());
        expect((await run("image", "prune", "--yes")).stdout).toBe("Nothing to delete: every image is needed\n");
      } finally {
        await incus.client.deleteInstance(other, "user");
        for (const one of await incus.client.listImages(other)) await incus.client.deleteImage(other, one.fingerprint);
        await incus.client.request("DELETE", `/1.0/projects/${other}`);
      }
    });

    test("volume list tells orphans from what is declared, used or somebody else's", async () => {
      const make = (name: string, config = {}) =>
        incus.client.createVolume(incus.project, incus.pool, { name, config, description: "" });
      await make("db-data", { "user.floe.fleet": fleet });
      await make("left-over", { "user.floe.fleet": fleet });
      await make("stray");
      await make("theirs");
      const disk = { type: "disk", pool: incus.pool, source: "theirs", path: "/theirs" };
      await incus.client.patchInstance(incus.project, "db", { devices: { theirs: disk } });
      const listed = async (...flags: string[]) =>
        document(await run("volume", "list", "--json", ...flags))
          .volumes.filter(({ project }: { project: string }) => project === incus.project)
          .map(
            ({ name, state, usedBy }: { name: string; state: string; usedBy: string[] }) =>
              `${name} ${state} ${usedBy}`,
          )
          .sort();
      expect(await listed()).toEqual(["db-data declared ", "left-over orphan ", "stray unused "]);
      expect(await listed("--all")).toContain("theirs foreign db");
      expect(await listed("--orphans")).toEqual(["left-over orphan ", "stray unused "]);
      expect((await run("volume", "list")).stdout).toMatch(/left-over.*orphan: no longer described +nothing/);
    });
  });

  test("exec ends with the code of its command, also where there is none", async () => {
    expect((await run("exec", "web", "--", "sh", "-c", "exit 9")).exitCode).toBe(9);
    expect((await run("exec", "web", "--", "sh", "-c", "kill -9 $$")).exitCode).toBe(137);
    const missing = await run("exec", "web", "--", "nothing-of-the-kind");
    expect(missing.exitCode).toBe(127);
    expect(missing.stderr).toMatch(/Command not found/);
  });

  test("logs of what has no journal is its console, --follow goes on", async () => {
    await run("restart", "--yes", "web");
    expect((await run("logs", "web", "--unit", "x")).stderr).toMatch(/has no journal: it is stopped/);
    const lines: string[] = [];
    const follow = startFloe(home.root, ["logs", "web", "--follow"], {}, (line) => lines.push(line));
    await expect.poll(() => lines, { timeout: 10_000 }).toContain("tiny-image: started");
    for (let count = 0; count < 3; count += 1) {
      await sh("web", "echo tick > /dev/console");
      await expect
        .poll(() => lines.filter((line) => line.trim() === "tick").length, { timeout: 5_000 })
        .toBe(count + 1);
    }
    follow.kill("SIGINT");
    expect((await follow.ended).exitCode).toBe(130);
  });

  describe.skipIf(skipIncus() || skipDebian())("of a Debian with systemd", { timeout: 240_000 }, () => {
    test("logs is the journal: lines, a unit, and on and on", async () => {
      const debian = await debianImage();
      await incus.client.uploadImage(incus.project, debian);
      await run("stop", "--yes", "--force", "web");
      await incus.client.deleteInstance(incus.project, "web");
      await create("web", debian.fingerprint);
      await expect
        .poll(async () => (await sh("web", "systemctl is-system-running")).stdout.trim(), { timeout: 60_000 })
        .toBe("running");
      await sh("web", "systemd-run --wait --quiet --unit talk echo words of a unit");
      const unit = await run("logs", "web", "--unit", "talk");
      expect(unit.exitCode, unit.stderr).toBe(0);
      expect(unit.stdout).toMatch(/words of a unit/);
      expect(unit.stdout).not.toMatch(/Reached target/);
      expect((await run("logs", "web", "-n", "2")).stdout.trimEnd().split("\n")).toHaveLength(2);
      expect(document(await run("logs", "web", "-n", "1", "--json"))).toMatchObject({
        kind: "logs",
        source: "journal",
      });
      const lines: string[] = [];
      const follow = startFloe(home.root, ["logs", "web", "-f", "--unit", "later"], {}, (line) => lines.push(line));
      await sh("web", "systemd-run --wait --quiet --unit later echo and later ones");
      await expect.poll(() => lines.join("\n"), { timeout: 10_000 }).toMatch(/and later ones/);
      follow.kill("SIGINT");
      expect((await follow.ended).exitCode).toBe(130);
      // Its command in the instance does not outlive it.
      const left = async () => (await sh("web", "cat /proc/[0-9]*/comm | grep -c journalctl")).stdout.trim();
      await expect.poll(left, { timeout: 5_000 }).toBe("0");
    });
  });
});
