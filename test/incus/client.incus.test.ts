/** floe's Incus client on a real Incus: the life of instances, images and volumes, and every answer that misleads a client. */
import { appendFile, copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CancelledError, IncusError } from "../../src/errors.ts";
import type {
  ImageUpload,
  IncusClient,
  IncusEvent,
  IncusInstance,
  IncusInstancePost,
  Tagged,
} from "../../src/incus/types.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { Sink } from "../support/sink.ts";
import { tinyImage } from "../support/tiny-image.ts";

describe.skipIf(skipIncus())("the Incus client", () => {
  let incus: TestIncus;
  let client: IncusClient;
  let project: string;
  let image: ImageUpload;

  beforeAll(async () => {
    incus = await testIncus();
    ({ client, project } = incus);
    image = await tinyImage({ properties: { "floe.fleet": "home & garden", "floe.container": "web" } });
    await client.uploadImage(project, image);
    await client.createInstance(project, instance("runs", { start: true }));
  });
  afterAll(() => incus?.remove());

  async function read(name: string): Promise<Tagged<IncusInstance>> {
    const found = await client.getInstance(project, name);
    if (found === undefined) throw new Error(`no instance ${name}`);
    return found;
  }

  function instance(name: string, more: Partial<IncusInstancePost> = {}): IncusInstancePost {
    return {
      name,
      type: "container",
      profiles: ["default"],
      config: {},
      devices: {},
      source: { type: "image", fingerprint: image.fingerprint },
      ...more,
    };
  }

  describe("instances", () => {
    test("listInstances() gives state and labels in one request, and an empty list for an empty project", async () => {
      const [runs] = await client.listInstances(project);
      expect(runs).toMatchObject({ name: "runs", project, status_code: 103, state: { status: "Running" } });
      expect(await client.listInstances("default")).toEqual([]);
      expect(
        (await client.listAllInstances()).some(({ name, project: its }) => name === "runs" && its === project),
      ).toBe(true);
    });

    test("getInstance() answers undefined for one that is not there", async () => {
      expect(await client.getInstance(project, "nobody")).toBeUndefined();
    });

    test("createInstance() throws what the operation, not the request, says", async () => {
      const devices = { data: { type: "disk", source: "/no/such/folder", path: "/data" } };
      const creation = client.createInstance(project, instance("bad-device", { devices }));
      await expect(creation).rejects.toThrow(/^Cannot create the instance "bad-device": .*\/no\/such\/folder/);
      await expect(creation).rejects.toMatchObject({
        details: { method: "POST", path: "/1.0/instances", operation: expect.stringMatching(/^\/1\.0\/operations\//) },
      });
    });

    test("createInstance() throws for an image that is not there", async () => {
      const source = { type: "image", fingerprint: "0".repeat(64) } as const;
      await expect(client.createInstance(project, instance("no-image", { source }))).rejects.toBeInstanceOf(IncusError);
    });

    test("a port in use says so, and the instance that has it goes on", async () => {
      const port = await freePort();
      const proxy = (name: string): IncusInstancePost =>
        instance(name, {
          devices: { web: { type: "proxy", listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" } },
        });
      await client.createInstance(project, { ...proxy("port-a"), start: true });
      await client.createInstance(project, proxy("port-b"));
      const start = client.setInstanceState(project, "port-b", "start");
      // Which of the two depends on who is quicker, Incus or its helper.
      await expect(start).rejects.toThrow(/address already in use|receive fd from listener process/i);
      await expect(start).rejects.toMatchObject({ hint: expect.stringContaining("port") });
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("hello from the tiny image\n");
    });

    test("a start that fails in its operation throws, though the wait answers HTTP 200", async () => {
      await client.createInstance(
        project,
        instance("bad-bridge", { devices: { eth0: { type: "nic", nictype: "bridged", parent: "nobridge0" } } }),
      );
      const start = client.setInstanceState(project, "bad-bridge", "start");
      await expect(start).rejects.toThrow(/^Cannot start the instance "bad-bridge": .*nobridge0/);
    });

    test("updateInstance() with a stale etag is a 412, and patchInstance() merges", async () => {
      await client.createInstance(project, instance("etags", { config: { "user.a": "1" } }));
      const before = await read("etags");
      await client.patchInstance(project, "etags", { config: { "user.b": "2" } });
      const after = await read("etags");
      expect(after.value.config).toMatchObject({ "user.a": "1", "user.b": "2" });
      const stale = client.updateInstance(project, "etags", before.value, { etag: before.etag });
      await expect(stale).rejects.toMatchObject({ status: 412, hint: expect.stringContaining("new plan") });
      const { "user.a": _, ...config } = after.value.config;
      await client.updateInstance(project, "etags", { ...after.value, config }, { etag: after.etag });
      expect((await read("etags")).value.config["user.a"]).toBeUndefined();
    });

    test("renameInstance() is refused while it runs, and done when it is stopped", async () => {
      await expect(client.renameInstance(project, "runs", "walks")).rejects.toThrow(
        'Cannot rename the instance "runs" to "walks": Renaming of running instance not allowed',
      );
      await client.createInstance(project, instance("old-name"));
      await client.renameInstance(project, "old-name", "new-name");
      expect(await client.getInstance(project, "old-name")).toBeUndefined();
      expect((await client.getInstance(project, "new-name"))?.value.name).toBe("new-name");
    });

    test("setInstanceState() takes what is already so for done, and deleteInstance() what is gone", async () => {
      await client.createInstance(project, instance("states"));
      await client.setInstanceState(project, "states", "stop");
      await client.setInstanceState(project, "states", "start");
      await client.setInstanceState(project, "states", "start");
      await expect(client.deleteInstance(project, "states")).rejects.toThrow(/running/i);
      await client.setInstanceState(project, "states", "restart");
      // Before it is up, the first process of a container does not hear that it shall stop.
      const serving = ["sh", "-c", "until wget -qO- http://127.0.0.1/; do sleep 0.05; done"];
      await client.exec(project, "states", serving, { signal: AbortSignal.timeout(10_000) });
      await client.setInstanceState(project, "states", "stop", { timeoutMs: 5_000 });
      await client.deleteInstance(project, "states");
      await client.deleteInstance(project, "states");
      expect(await client.getInstance(project, "states")).toBeUndefined();
    });
  });

  test("getInstanceState() answers all through an end that comes by itself", async () => {
    const ending = await tinyImage({ broken: "exits" });
    await client.uploadImage(project, ending);
    const source = { type: "image", fingerprint: ending.fingerprint } as const;
    await client.createInstance(project, instance("ends", { source, start: true }));
    const seen = new Set<string>();
    while (!seen.has("Stopped")) seen.add((await client.getInstanceState(project, "ends")).status);
    expect([...seen]).toEqual(["Running", "Stopped"]);
  });

  describe("images", () => {
    test("uploadImage() sets properties, whatever they hold, and a second upload of the same is no error", async () => {
      await client.uploadImage(project, image);
      const found = await client.getImage(project, image.fingerprint);
      expect(found?.value.properties).toMatchObject({ "floe.fleet": "home & garden", "floe.container": "web" });
      const same = (await client.listImages(project)).filter(({ fingerprint }) => fingerprint === image.fingerprint);
      expect(same).toHaveLength(1);
    });

    test("uploadImage() reports its progress up to the whole", async () => {
      const large = await tinyImage({ page: "progress", ballastBytes: 3_000_000 });
      const seen: [number, number][] = [];
      await client.uploadImage(project, large, { onProgress: (sent, total) => seen.push([sent, total]) });
      const [sent, total] = seen.at(-1) ?? [];
      expect(sent).toBe(total);
      expect(total).toBeGreaterThan(3_000_000);
      expect(seen.length).toBeGreaterThan(10);
      await client.deleteImage(project, large.fingerprint);
      await client.deleteImage(project, large.fingerprint);
      expect(await client.getImage(project, large.fingerprint)).toBeUndefined();
    });

    test("a damaged upload is refused and leaves no image", async () => {
      const folder = await mkdtemp(path.join(os.tmpdir(), "floe-damaged-"));
      const rootfsPath = path.join(folder, "rootfs.squashfs");
      const sound = await tinyImage({ page: "damaged" });
      await copyFile(sound.rootfsPath, rootfsPath);
      await appendFile(rootfsPath, "x");
      await expect(client.uploadImage(project, { ...sound, rootfsPath })).rejects.toThrow(/fingerprints? .*match/i);
      expect(await client.getImage(project, sound.fingerprint)).toBeUndefined();
      await rm(folder, { recursive: true });
    });

    test("an upload of what is no image is refused with the server's words", async () => {
      const nonsense = path.join(import.meta.dirname, "client.incus.test.ts");
      await expect(
        client.uploadImage(project, {
          ...image,
          metadataPath: nonsense,
          rootfsPath: nonsense,
          fingerprint: "1".repeat(64),
        }),
      ).rejects.toThrow(/^Cannot upload the image 111111111111: /);
    });

    test("setAlias() creates, moves and leaves alone; patchImage() merges properties", async () => {
      const other = await tinyImage({ page: "other" });
      await client.uploadImage(project, other);
      await client.setAlias(project, { name: "web", target: image.fingerprint, description: "floe:home" });
      const first = await client.getAlias(project, "web");
      expect(first?.value).toMatchObject({ target: image.fingerprint, description: "floe:home" });
      await client.setAlias(project, { name: "web", target: other.fingerprint, description: "floe:home" });
      expect((await client.getAlias(project, "web"))?.value.target).toBe(other.fingerprint);
      await client.patchImage(project, other.fingerprint, { "floe.extra": "yes" });
      const patched = await client.getImage(project, other.fingerprint);
      expect(patched?.value.properties).toMatchObject({ "floe.extra": "yes", description: "tiny image for tests" });
      expect(patched?.value.aliases.map(({ name }) => name)).toEqual(["web"]);
      await client.deleteAlias(project, "web");
      await client.deleteAlias(project, "web");
      expect(await client.getAlias(project, "web")).toBeUndefined();
    });
  });

  describe("exec and files", () => {
    test("exec() gives exit code and both outputs; environment, folder and user are set", async () => {
      const command = ["sh", "-c", 'echo "$GREETING from $PWD"; echo oops >&2; exit 3'];
      expect(await client.exec(project, "runs", command, { environment: { GREETING: "hi" }, cwd: "/tmp" })).toEqual({
        exitCode: 3,
        stdout: "hi from /tmp\n",
        stderr: "oops\n",
      });
      expect(await client.exec(project, "runs", ["id", "-u"], { user: 1000 })).toMatchObject({
        exitCode: 0,
        stdout: "1000\n",
      });
    });

    test("exec() loses nothing of many short commands at once", async () => {
      const many = Array.from({ length: 60 }, (_, index) => index);
      const results = await Promise.all(
        many.map((index) => client.exec(project, "runs", ["sh", "-c", `echo ${index}; echo ${index} >&2`])),
      );
      expect(results).toEqual(many.map((index) => ({ exitCode: 0, stdout: `${index}\n`, stderr: `${index}\n` })));
    });

    test("exec() of a program that is not there, or in a stopped instance, says so", async () => {
      await expect(client.exec(project, "runs", ["no-such-program"])).rejects.toThrow(
        'Cannot run "no-such-program" in the instance "runs": Command not found',
      );
      await client.createInstance(project, instance("asleep"));
      await expect(client.exec(project, "asleep", ["true"])).rejects.toThrow(
        'Cannot run "true" in the instance "asleep": Instance is not running',
      );
    });

    test("putFile() and getFile() carry bytes, owner and mode", async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await client.putFile(project, "runs", "/tmp/with space & more", bytes, { uid: 1000, gid: 1000, mode: "0640" });
      expect(new Uint8Array((await client.getFile(project, "runs", "/tmp/with space & more")) ?? [])).toEqual(bytes);
      expect((await client.exec(project, "runs", ["ls", "-ln", "/tmp"])).stdout).toMatch(
        /^-rw-r----- +1 1000 +1000 +256 /m,
      );
      expect(await client.getFile(project, "runs", "/tmp/nothing")).toBeUndefined();
      await expect(client.putFile(project, "runs", "/no/folder/x", "x")).rejects.toMatchObject({ status: 404 });
    });

    test("getConsoleLog() and getLogFile() give what the instance left", async () => {
      expect(await client.getConsoleLog(project, "runs")).toContain("tiny-image: started");
      await client.createInstance(
        project,
        instance("no-init", { config: { "raw.lxc": "lxc.init.cmd = /no/such/init" } }),
      );
      await expect(client.setInstanceState(project, "no-init", "start")).rejects.toThrow(
        /^Cannot start the instance "no-init": /,
      );
      expect(await client.getLogFile(project, "no-init", "lxc.log")).toContain("/no/such/init");
      expect(await client.getLogFile(project, "no-init", "qemu.log")).toBeUndefined();
    });
  });

  describe("execStream()", () => {
    test("carries bytes through both ways, however many", async () => {
      const { rootfsPath } = await tinyImage({ page: "progress", ballastBytes: 3_000_000 });
      const sent = await readFile(rootfsPath);
      const stdout = new Sink();
      const exitCode = await client.execStream(project, "runs", ["cat"], {
        stdin: Readable.from([sent.subarray(0, 10), sent.subarray(10)]),
        stdout,
        stderr: new Sink(),
      });
      expect(exitCode).toBe(0);
      expect(stdout.bytes().equals(sent)).toBe(true);
    });

    test("keeps the outputs apart and gives the exit code", async () => {
      const stdout = new Sink();
      const stderr = new Sink();
      expect(
        await client.execStream(project, "runs", ["sh", "-c", "echo out; echo err >&2; exit 7"], { stdout, stderr }),
      ).toBe(7);
      expect([stdout.text(), stderr.text()]).toEqual(["out\n", "err\n"]);
    });

    test("ends with the command, though its input is still open", async () => {
      expect(
        await client.execStream(project, "runs", ["true"], {
          stdin: new PassThrough(),
          stdout: new Sink(),
          stderr: new Sink(),
        }),
      ).toBe(0);
    });

    test("gives a terminal of the right size and tells it of a new one", async () => {
      const stdin = new PassThrough();
      const stdout = new Sink();
      let resize: (columns: number, rows: number) => void = () => {};
      let released = false;
      const terminal = {
        columns: 91,
        rows: 27,
        onResize(listener: typeof resize) {
          resize = listener;
          return () => {
            released = true;
          };
        },
      };
      const script = 'stty size; trap "stty size; exit 5" WINCH; echo ready; while :; do sleep 0.05; done';
      const ended = client.execStream(project, "runs", ["sh", "-c", script], {
        stdin,
        stdout,
        stderr: new Sink(),
        terminal,
      });
      await stdout.until("ready");
      resize(120, 40);
      expect(await ended).toBe(5);
      expect(stdout.text()).toBe("27 91\r\nready\r\n40 120\r\n");
      expect(released).toBe(true);
    });

    test("takes what is typed, and the end of it", async () => {
      const stdin = new PassThrough();
      const stdout = new Sink();
      const terminal = { columns: 80, rows: 24, onResize: () => () => {} };
      const ended = client.execStream(project, "runs", ["sh"], { stdin, stdout, stderr: new Sink(), terminal });
      stdin.write("echo $((6 * 7))\n");
      await stdout.until("42");
      stdin.end();
      expect(await ended).toBe(0);
    });
  });

  describe("volumes and the rest", () => {
    test("createVolume() keeps config and description", async () => {
      expect(await client.listVolumes(project, incus.pool)).toEqual([]);
      await client.createVolume(project, incus.pool, {
        name: "data",
        config: { "user.floe.fleet": "home" },
        description: "visits",
      });
      expect((await client.getVolume(project, incus.pool, "data"))?.value).toMatchObject({
        name: "data",
        config: { "user.floe.fleet": "home" },
        description: "visits",
        used_by: [],
      });
      expect(await client.getVolume(project, incus.pool, "nothing")).toBeUndefined();
      await expect(
        client.createVolume(project, incus.pool, { name: "data", config: {}, description: "" }),
      ).rejects.toThrow(/already exists/);
    });

    test("pools, profiles and projects are listed by name", async () => {
      expect(await client.listPools()).toContain("default");
      expect(await client.listProjects()).toContain(project);
      expect(await client.listProfiles(project)).toMatchObject([
        { name: "default", devices: { root: { type: "disk" } } },
      ]);
    });

    test("a name with a slash cannot leave its place", async () => {
      await expect(client.getInstance(project, "../projects")).rejects.toThrow(
        'Cannot read the instance "../projects": Invalid instance name',
      );
    });
  });

  describe("cancelling", () => {
    test("an aborted request rejects with CancelledError and was not begun", async () => {
      await expect(
        client.createInstance(project, instance("never"), { signal: AbortSignal.abort() }),
      ).rejects.toBeInstanceOf(CancelledError);
      expect(await client.getInstance(project, "never")).toBeUndefined();
    });

    test("an operation that cannot be cancelled is awaited, so that the instance is not busy afterwards", async () => {
      await client.createInstance(project, instance("stopping", { start: true }));
      const cancel = new AbortController();
      const stop = client.setInstanceState(project, "stopping", "stop", { signal: cancel.signal });
      stop.catch(() => {});
      // A busy server takes its time to begin.
      await vi.waitFor(
        async () => {
          const { value } = await client.request("GET", `/1.0/operations?recursion=1&project=${project}`);
          expect(JSON.stringify(value)).toContain("Stopping instance");
        },
        { interval: 10, timeout: 20_000 },
      );
      // The answer that it has begun is on its way; the stop itself takes half a second.
      await new Promise((resolve) => setTimeout(resolve, 100));
      cancel.abort();
      await expect(stop).rejects.toMatchObject({ code: "CANCELLED", exitCode: 130, details: { hasEnded: true } });
      await client.setInstanceState(project, "stopping", "start");
    });

    test("a command is killed in the instance", async () => {
      const run = client.exec(project, "runs", ["sleep", "54321"], { signal: AbortSignal.timeout(150) });
      await expect(run).rejects.toBeInstanceOf(CancelledError);
      const { stdout } = await client.exec(project, "runs", ["sh", "-c", "cat /proc/[0-9]*/cmdline"]);
      expect(stdout).toContain("/sbin/init");
      expect(stdout).not.toContain("54321");
    });

    test("an upload is broken off", async () => {
      const large = await tinyImage({ page: "cancelled", ballastBytes: 20_000_000 });
      const stop = new AbortController();
      const upload = client.uploadImage(project, large, { signal: stop.signal, onProgress: () => stop.abort() });
      await expect(upload).rejects.toBeInstanceOf(CancelledError);
      expect(await client.getImage(project, large.fingerprint)).toBeUndefined();
    });
  });

  describe("events", () => {
    test("events() gives what happens after it is connected, and ends with its signal", async () => {
      const stop = new AbortController();
      const stream = client.events(["lifecycle"], { signal: stop.signal, project });
      await stream.connected;
      await client.createInstance(project, instance("eventful"));
      const seen: IncusEvent[] = [];
      for await (const event of stream) {
        seen.push(event);
        if (event.metadata.action === "instance-created") stop.abort();
      }
      expect(seen.at(-1)).toMatchObject({
        type: "lifecycle",
        project,
        metadata: { action: "instance-created", source: `/1.0/instances/eventful?project=${project}` },
      });
    });
  });
});
