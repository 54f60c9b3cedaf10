/** Everything an instance can say, on the real Incus; and images that floe does not build. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/incus/connect.ts";
import type { IncusClient } from "../../src/incus/types.ts";
import type { Instance } from "../../src/model/fleet.ts";
import { fetchSchema } from "../../src/plan/fetch-schema.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { run } from "../support/run.ts";
import { tinyImage } from "../support/tiny-image.ts";
import { type ContainerSpec, outcomes, servesPage, stepsOf, told, type World, worldOf } from "./apply-support.ts";

describe.skipIf(skipIncus())("an instance on the real Incus", () => {
  let incus: TestIncus;
  let world: World;
  let folder: string;
  beforeAll(async () => {
    incus = await testIncus();
    world = worldOf(incus.client, incus.project);
    folder = mkdtempSync(join(tmpdir(), "floe-instance-"));
  });
  afterAll(async () => {
    world.removeRoot();
    rmSync(folder, { recursive: true });
    await incus.remove();
  });

  test("has everything that is declared, and a second plan changes nothing", async () => {
    writeFileSync(join(folder, "note"), "from the server\n");
    writeFileSync(join(folder, "password"), "correct horse\n", { mode: 0o600 });
    const port = await freePort();
    const full: Partial<Instance> = {
      description: "Everything",
      autostart: true,
      boot: { priority: 7, delay: 3, shutdownTimeout: 60 },
      root: { pool: "default", size: "1GiB" },
      mounts: { "/mnt/notes": { source: folder, shift: true, readonly: true } },
      volumes: {
        "/data": { pool: "default", name: "full-data", existing: false, config: { "security.shifted": "true" } },
      },
      secrets: { "/run/secrets/password": join(folder, "password") },
      environment: { GREETING: "hello", TZ: "Europe/Berlin" },
      ports: [{ listen: `tcp:127.0.0.1:${port}`, connect: "tcp:127.0.0.1:80" }],
      charDevices: { "/dev/nothing": { source: "/dev/null", gid: 1000, mode: "0640" } },
      usb: [{ vendor: "dead", product: "beef", required: false }],
      snapshots: { schedule: "@daily", expiry: "2w", pattern: "auto-%d" },
      config: { "limits.memory": "64MiB", "limits.kernel.nofile": "321", "security.nesting": "true" },
      cloudInit: { channel: "nocloud", userData: "#cloud-config\nhostname: full\n", networkConfig: "version: 2\n" },
      health: [servesPage],
    };
    const spec: Record<string, ContainerSpec> = { full: { page: "full", instances: { full } } };
    const { report, events } = await world.apply(spec);
    expect(outcomes(report)).toEqual([
      "create volume full-data: done",
      "create image full: done",
      "create instance full: done",
    ]);
    expect(stepsOf(events, "full")).toEqual(["create", "seed", "start", "health", "commit"]);

    const sh = (script: string) => world.sh("full", script);
    expect(await sh("cat /mnt/notes/note")).toBe("from the server");
    await expect(sh("touch /mnt/notes/x")).rejects.toThrowError(/Read-only/);
    expect(await sh("cat /run/secrets/password && ls -ln /run/secrets/password")).toMatch(
      /^correct horse\n-rw-------.* 0 +0 /,
    );
    await expect(sh("echo x > /run/secrets/password")).rejects.toThrowError(/[Rr]ead-only/);
    expect(await sh("echo kept > /data/file && cat /data/file && ls -ldn /data")).toMatch(/^kept\n.* 0 +0 /);
    expect(await sh("echo $GREETING $TZ")).toBe("hello Europe/Berlin");
    expect(await sh("ls -ln /dev/nothing")).toMatch(/^crw-r-----.* 0 +1000 +1, +3 /);
    expect(await sh("cat /proc/1/limits")).toMatch(/^Max open files +321 /m);
    const { value: state } = await incus.client.request<{ readonly memory: { readonly total: number } }>(
      "GET",
      `/1.0/instances/full/state?project=${incus.project}`,
    );
    expect(state.memory.total).toBe(64 * 2 ** 20);
    expect(await sh("cat /var/lib/cloud/seed/nocloud/user-data /var/lib/cloud/seed/nocloud/network-config")).toBe(
      "#cloud-config\nhostname: full\nversion: 2",
    );
    expect(await sh("cat /var/lib/cloud/seed/nocloud/meta-data && ls -ln /var/lib/cloud/seed/nocloud")).toMatch(
      /^\{"instance-id":"full","local-hostname":"full"\}\n(?:.*\n)?-rw------- /,
    );
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("full");

    const made = (await incus.client.getInstance(incus.project, "full"))?.value;
    expect(made?.config).toMatchObject({
      "boot.autostart": "true",
      "boot.autostart.priority": "7",
      "boot.autostart.delay": "3",
      "boot.host_shutdown_timeout": "60",
      "snapshots.schedule": "@daily",
      "snapshots.expiry": "2w",
      "snapshots.pattern": "auto-%d",
    });
    expect(made?.devices["floe-usb-dead-beef"]).toEqual({ type: "usb", vendorid: "dead", productid: "beef" });
    expect(made?.devices["root"]).toEqual({ type: "disk", path: "/", pool: "default", size: "1GiB" });
    expect((await incus.client.getVolume(incus.project, "default", "full-data"))?.value.config).toMatchObject({
      "security.shifted": "true",
    });

    expect(await planOf(world, spec)).toEqual(["none volume full-data", "none image full", "none instance full -"]);

    const reseeded: Record<string, ContainerSpec> = {
      full: {
        page: "full",
        instances: { full: { ...full, cloudInit: { channel: "nocloud", userData: "#cloud-config\nhostname: new\n" } } },
      },
    };
    const [, , change] = (await world.plan(reseeded)).changes;
    expect(change).toMatchObject({ method: "swap" });
    const again = await world.apply(reseeded);
    expect(stepsOf(again.events, "full")).toContain("seed");
    expect(await sh("cat /var/lib/cloud/seed/nocloud/user-data; cat /data/file")).toBe(
      "#cloud-config\nhostname: new\nkept",
    );
    expect(await sh("ls /var/lib/cloud/seed/nocloud")).not.toContain("network-config");
  });

  test("what the server does not know is said before anything is touched, with the nearest name", async () => {
    const wrong: Partial<Instance> = {
      config: {
        "limits.memry": "1GiB",
        "security.nesting": "maybe",
        "user.anything": "x",
        "limits.kernel.nofile": "9",
      },
      devices: {
        tun: { type: "unix-char", path: "/dev/net/tun", requierd: "false" },
        data: { type: "disk", source: "/srv", path: "/srv", readonly: "perhaps" },
      },
    };
    const spec: Record<string, ContainerSpec> = { wrong: { page: "wrong", instances: { wrong } } };
    expect(await planOf(world, spec)).toEqual([
      'problem instance wrong: Unknown config key "limits.memry"; did you mean "limits.memory"?',
      'problem instance wrong: The config key "security.nesting" must be true or false, not "maybe"',
      'problem instance wrong: Unknown option "requierd" of the device "tun"; did you mean "required"?',
      'problem instance wrong: The option "readonly" of the device "data" must be true or false, not "perhaps"',
    ]);
    await expect(world.apply(spec)).rejects.toThrowError("The plan has problems");
    expect(await world.instances()).not.toContain(expect.stringMatching(/^wrong/));
  });

  test("a seed in files is in a rebuilt root, too", async () => {
    const spec = (page: string): Record<string, ContainerSpec> => ({
      seeded: {
        page,
        instances: {
          seeded: {
            update: "rebuild",
            cloudInit: { channel: "nocloud", userData: `#cloud-config\nhostname: ${page}\n` },
            health: [servesPage],
          },
        },
      },
    });
    await world.apply(spec("one"));
    await world.sh("seeded", "echo lost > /root/file");
    const { plan } = await world.apply(spec("two"));
    expect(plan.changes.at(-1)).toMatchObject({ name: "seeded", method: "rebuild" });
    expect(await world.sh("seeded", "cat /var/lib/cloud/seed/nocloud/user-data; ls /root")).toBe(
      "#cloud-config\nhostname: two",
    );
  });

  test("the server is asked for its config keys once", async () => {
    const asked: string[] = [];
    const counting: IncusClient = {
      ...incus.client,
      request: (method, path, ...rest) => {
        asked.push(`${method} ${path}`);
        return incus.client.request(method, path, ...rest);
      },
    };
    const first = await fetchSchema(counting, folder, undefined);
    expect(first?.instance["limits.memory"]).toEqual({ type: "string" });
    expect(await fetchSchema(counting, folder, undefined)).toEqual(first);
    expect(asked).toEqual(["GET /1.0/metadata/configuration"]);
  });

  test("every option that floe itself writes is one that the server knows", async () => {
    const all: Partial<Instance> = {
      gpu: { vendor: "10de" },
      usb: [{ serial: "x", required: true }],
      charDevices: { "/dev/nothing": { source: "/dev/null", uid: 0, gid: 0, mode: "0666" } },
      secrets: { "/k": "/etc/hostname" },
      root: { pool: "default", size: "1GiB" },
      cloudInit: { channel: "nocloud", folder: "/srv" },
    };
    const plan = await world.plan({ all: { page: "all", instances: { all } } });
    expect(plan.problems).toEqual([]);
  });

  test("a server that cannot run virtual machines, or is no cluster, says so", async () => {
    const { fingerprint, ...image } = await tinyImage({ page: "machine" });
    await incus.client.uploadImage(incus.project, { ...image, fingerprint });
    const spec = (instance: Partial<Instance>): Record<string, ContainerSpec> => ({
      vm: { page: "", image: { fingerprint: fingerprint.slice(0, 12) }, instances: { vm: instance } },
    });
    const problems = async (instance: Partial<Instance>) =>
      (await world.plan(spec(instance))).problems.map(({ message }) => message);
    const { environment } = await incus.client.info();
    const cannot = 'The server "local" cannot run virtual machines';
    const machine = await problems({ type: "virtual-machine" });
    expect(machine.includes(cannot)).toBe(!(environment.driver ?? "").includes("qemu"));
    expect(machine).toContainEqual(expect.stringMatching(/^The image ".*" on the server "local" is for a container/));
    expect(await problems({ member: "crown" })).toEqual([
      'The server "local" is no cluster, so it has no member "crown"',
    ]);
  });
});

describe.skipIf(skipIncus())("an image that floe does not build", () => {
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

  const upload = async (client: IncusClient, project: string, page: string): Promise<string> => {
    const image = await tinyImage({ page });
    await client.uploadImage(project, image);
    return image.fingerprint;
  };

  test("is found by its alias; another one is planned when the alias moves, and aliases stay the user's", async () => {
    const first = await upload(incus.client, incus.project, "first");
    const alias = { name: "mine/web", description: "by hand" };
    await incus.client.setAlias(incus.project, { ...alias, target: first });
    const spec: Record<string, ContainerSpec> = {
      web: { page: "", image: { alias: "mine/web" }, instances: { web: { health: [servesPage] } } },
    };
    const { report } = await world.apply(spec);
    expect(outcomes(report)).toEqual(["create instance web: done"]);
    expect(await world.page("web")).toBe("first");
    expect(await planOf(world, spec)).toEqual(["none image web", "none instance web -"]);

    const second = await upload(incus.client, incus.project, "second");
    await incus.client.setAlias(incus.project, { ...alias, target: second });
    expect(await planOf(world, spec)).toEqual([
      "none image web",
      expect.stringMatching(/instance web swap$/),
      expect.stringMatching(/ {2}image: .* \(another image\)$/),
    ]);
    // From an image that floe does not build to one that it builds no derivation has changed.
    const { image: _, ...built } = spec["web"] as ContainerSpec;
    expect(await planOf(world, { web: { ...built, page: "own" } })).toContainEqual(
      expect.stringMatching(/ {2}image: image:.* -> .*rootfs \(built by floe from now on\)$/),
    );
    await world.apply(spec);
    expect(await world.page("web")).toBe("second");
    expect((await incus.client.getAlias(incus.project, "mine/web"))?.value).toEqual({
      ...alias,
      target: second,
      type: "container",
    });
    expect(await incus.client.getAlias(incus.project, "web")).toBeUndefined();
    const { report: back } = await world.rollback(spec, "web");
    expect(outcomes(back)).toEqual([expect.stringContaining("instance web: done")]);
    expect(await world.page("web")).toBe("first");
  });

  test("one that is not there is a problem with the nearest alias", async () => {
    const spec: Record<string, ContainerSpec> = {
      typo: { page: "", image: { alias: "mine/wob" }, instances: { typo: {} } },
    };
    expect(await planOf(world, spec)).toEqual([
      `problem container typo: There is no image "mine/wob" in the project "${incus.project}" of the server "local"; did you mean "mine/web"?`,
    ]);
  });

  test("is copied from another server over HTTPS, and then stays what it is", async () => {
    const other = await otherIncus();
    try {
      const first = await upload(other.client, "default", "afar");
      await other.client.request("PATCH", `/1.0/images/${first}`, { public: true });
      await other.client.setAlias("default", { name: "afar", target: first, description: "" });
      const image = { alias: "afar", server: other.url, protocol: "incus" as const, certificate: other.certificate };
      const spec: Record<string, ContainerSpec> = {
        afar: { page: "", image, instances: { afar: { health: [servesPage] } } },
      };
      const { report, events } = await world.apply(spec);
      expect(outcomes(report)).toEqual(["create image afar: done", "create instance afar: done"]);
      expect(stepsOf(events, "image:afar")).toEqual(["copy", "relabel", "alias"]);
      expect(await world.page("afar")).toBe("afar");

      const second = await upload(other.client, "default", "newer");
      await other.client.setAlias("default", { name: "afar", target: second, description: "" });
      expect(await planOf(world, spec)).toEqual(["none image afar", "none instance afar -"]);

      const broken = { ...image, alias: "not-there" };
      const { report: failed } = await world.apply({ lost: { page: "", image: broken, instances: { lost: {} } } });
      expect(outcomes(failed)).toEqual([
        expect.stringMatching(/^create image lost: undone: Cannot copy the image "not-there" from https:/),
        expect.stringMatching(/^create instance lost: skipped/),
      ]);
    } finally {
      await other.remove();
    }
  });
});

/** Without what other tests left there. */
async function planOf(world: World, spec: Record<string, ContainerSpec>): Promise<string[]> {
  return told(await world.plan(spec)).filter((line) => !line.startsWith("orphan"));
}

interface OtherIncus {
  readonly client: IncusClient;
  readonly url: string;
  /** PEM. */
  readonly certificate: string;
  remove(): Promise<void>;
}

/** A second server, which is reached over the network. */
async function otherIncus(): Promise<OtherIncus> {
  // This name lets the next "npm test" find and remove what a killed test leaves.
  const dir = mkdtempSync(join(tmpdir(), `floe-test-incus-${process.pid}-`));
  const script = resolve(import.meta.dirname, "../../scripts/setup/incusd.mjs");
  await run(process.execPath, [script, "start", "--dir", dir]);
  const client = await connect({ name: "other", kind: "unix", socket: join(dir, "unix.socket") });
  const address = `127.0.0.1:${await freePort()}`;
  await client.request("PATCH", "/1.0", { config: { "core.https_address": address } });
  const { value } = await client.request<{ readonly environment: { readonly certificate: string } }>("GET", "/1.0");
  return {
    client,
    url: `https://${address}`,
    certificate: value.environment.certificate,
    async remove() {
      client.close();
      await run(process.execPath, [script, "remove", "--dir", dir]);
    },
  };
}
