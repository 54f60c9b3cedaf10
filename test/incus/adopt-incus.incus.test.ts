/** Instances that were made by hand become the project's: exactly as they are, without a moment's interruption. */

import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FloeResult, floe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { tinyImage } from "../support/tiny-image.ts";

describe.skipIf(skipIncus())("floe adopt incus", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let home: TempProject;
  let fingerprint: string;

  beforeAll(async () => {
    incus = await testIncus();
    const image = await tinyImage({ page: "by hand\n" });
    fingerprint = image.fingerprint;
    await incus.client.uploadImage(incus.project, image);
    await incus.client.setAlias(incus.project, { name: "hand/made", target: fingerprint, description: "" });
    await profile(
      "media",
      { "limits.memory": "1GiB" },
      { media: { type: "disk", source: "/srv", path: "/media", readonly: "true" } },
    );
    await profile(
      "shop",
      { "environment.GREETING": 'say "hi"' },
      { web: { type: "proxy", listen: "tcp:127.0.0.1:0", connect: "tcp:127.0.0.1:80" } },
    );
    await incus.client.createVolume(incus.project, incus.pool, { name: "orders", config: {}, description: "" });
    await instance(
      "shop",
      ["default", "media", "shop"],
      {
        "boot.autostart": "true",
        "boot.autostart.priority": "7",
        "limits.cpu": "1",
        "snapshots.schedule": "@daily",
        "snapshots.expiry": "2w",
        "security.nesting": "true",
        "user.note": "do not touch",
        "cloud-init.user-data": "#cloud-config\npackages: [htop]\n# two  spaces\n",
      },
      { data: { type: "disk", pool: incus.pool, source: "orders", path: "/var/lib/orders" } },
    );
    await instance("spare", ["default"], {}, {});
    await incus.client.setInstanceState(incus.project, "spare", "stop", { force: true });
    await instance("old-next", ["default"], {}, {});
    home = await tempProject({ "floe.config.ts": fleet(), "containers/.keep": "", "profiles/.keep": "" });
  });
  afterAll(async () => {
    await incus?.remove();
    await home?.remove();
  });

  const fleet = () => `import { dir, fleet } from "floe";
export default fleet({ name: "${incus.project}", inputs: {}, containers: dir("./containers"), profiles: dir("./profiles") });
`;
  const profile = (name: string, config: object, devices: object) =>
    incus.client.request("POST", `/1.0/profiles?project=${incus.project}`, {
      name,
      description: `of ${name}`,
      config,
      devices,
    });
  const instance = (
    name: string,
    profiles: string[],
    config: Record<string, string>,
    devices: Record<string, Record<string, string>>,
  ) =>
    incus.client.createInstance(incus.project, {
      name,
      type: "container",
      description: `the ${name}`,
      profiles,
      config,
      devices,
      source: { type: "image", fingerprint },
      start: true,
    });
  const adopt = (...words: string[]): Promise<FloeResult> =>
    floe(home.root, ["adopt", "incus", "--incus-project", incus.project, ...words]);
  const state = async (name: string) => {
    const { value } = (await incus.client.getInstance(incus.project, name)) ?? {};
    const { value: now } = await incus.client.request<{ readonly pid: number }>(
      "GET",
      `/1.0/instances/${name}/state?project=${incus.project}`,
    );
    return { pid: now.pid, devices: value?.expanded_devices, status: value?.status };
  };
  const file = (name: string) => readFile(path.join(home.root, name), "utf8");
  const planned = () => floe(home.root, ["plan", "--exit-code"]);

  test("nothing is written or changed without a yes", async () => {
    expect((await adopt()).exitCode).toBe(2);
    expect(readdirSync(path.join(home.root, "containers"))).toEqual([".keep"]);
    expect((await incus.client.getInstance(incus.project, "shop"))?.value.config["user.floe.fleet"]).toBeUndefined();
  });

  test("where containers are not read from files, nothing is left behind", async () => {
    const inline = await tempProject({
      "floe.config.ts": `import { fleet } from "floe";
export default fleet({ name: "${incus.project}-inline", inputs: {}, containers: {} });
`,
    });
    const { exitCode, stderr } = await floe(inline.root, [
      ...["adopt", "incus", "--incus-project", incus.project, "--yes"],
    ]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining('Let it: containers: dir("./containers") in floe.config.ts'),
    });
    expect(readdirSync(inline.root).sort()).toEqual([".floe", "floe.config.ts"]);
    await inline.remove();
  });

  test("a name that is not there gets the nearest one", async () => {
    expect((await adopt("shpo")).stderr).toContain("Did you mean shop?");
  });

  test("a folder that is not there is said so", async () => {
    const { exitCode, stderr } = await adopt("--from", "/nosuch");
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no folder "/nosuch"');
    expect(stderr).not.toContain("ENOENT");
  });

  test("what is there is said exactly, goes on running, and a plan has nothing to do", async () => {
    const before = await state("shop");
    const result = await adopt("--yes", "shop", "spare");
    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stdout).toContain("Next: floe plan, which tells whether anything differs from what runs");
    const written = await file("containers/hand-made.ts");
    expect(written.replaceAll(fingerprint, "FINGERPRINT").replaceAll(incus.project, "PROJECT")).toMatchInlineSnapshot(`
      "import { container, nix } from "floe";

      export default container({
        // hand/made, as it was when the instance was made.
        image: { fingerprint: "FINGERPRINT" },
        instances: {
          shop: {
            project: "PROJECT",
            description: "the shop",
            boot: { priority: 7 },
            profiles: ["default", "media", "shop"],
            limits: { cpu: "1" },
            snapshots: { schedule: "@daily", expiry: "2w" },
            cloudInit: { userData: nix.path("./shop/user-data.yaml") },
            config: { "security.nesting": "true", "user.note": "do not touch" },
            devices: { data: { type: "disk", path: "/var/lib/orders", pool: "default", source: "orders" } },
          },
          spare: { project: "PROJECT", description: "the spare", autostart: false },
        },
      });
      "
    `);
    expect(await file("containers/shop/user-data.yaml")).toBe("#cloud-config\npackages: [htop]\n# two  spaces\n");
    expect(await state("shop")).toEqual(before);
    expect((await state("spare")).status).toBe("Stopped");
    const plan = await planned();
    expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0);
    // A second time there is nothing left but what floe cannot take.
    const again = await adopt("--yes");
    expect(again.stdout).toContain('old-next: its name ends with "-next", which an update uses');
  });

  test("from then on it is changed as any other", async () => {
    const text = await file("containers/hand-made.ts");
    await home.write("containers/hand-made.ts", text.replace('cpu: "1"', 'cpu: "2"'));
    expect((await floe(home.root, ["apply", "--yes"])).exitCode).toBe(0);
    const shop = (await incus.client.getInstance(incus.project, "shop"))?.value;
    expect(shop?.config).toMatchObject({ "limits.cpu": "2", "user.note": "do not touch" });
  });

  test("profiles can become the project's own, and one of a single instance part of it", async () => {
    await profile("books", { "limits.memory": "512MiB" }, { books: { type: "disk", source: "/srv", path: "/books" } });
    await instance("library", ["default", "media", "books"], {}, {});
    const before = await state("library");
    const result = await adopt("--yes", "library", "--profiles", "--fold");
    expect(result.exitCode, result.stderr).toBe(0);
    expect(await file("profiles/media.ts")).toContain(
      'media: { type: "disk", path: "/media", readonly: "true", source: "/srv" }',
    );
    expect(await file("containers/library.ts")).toContain('profiles: ["default", "media"]');
    expect(await state("library")).toEqual(before);
    expect((await incus.client.getInstance(incus.project, "library"))?.value.profiles).toEqual(["default", "media"]);
    const plan = await planned();
    expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0);
  });

  test("an image that was deleted since is no obstacle", async () => {
    const image = await tinyImage({ page: "gone\n" });
    await incus.client.uploadImage(incus.project, image);
    await incus.client.createInstance(incus.project, {
      name: "orphan",
      type: "container",
      profiles: ["default"],
      config: {},
      devices: {},
      source: { type: "image", fingerprint: image.fingerprint },
      start: true,
    });
    await incus.client.deleteImage(incus.project, image.fingerprint);
    const result = await adopt("--yes", "orphan");
    expect(result.exitCode, result.stderr).toBe(0);
    const plan = await planned();
    expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0);
  });

  test("what scripts keep in a folder is read too", async () => {
    const kept = await tempProject({
      "instances.yaml": "mail: hand/made\nshop: hand/made\n",
      "mail.yaml":
        "name: mail\ndescription: of mail\nconfig:\n  limits.processes: 200\ndevices:\n  spool: { type: disk, source: /srv, path: /spool, readonly: true }\nused_by: []\n",
      "mail.user-data": "#cloud-config\n{}\n",
      README: "not for floe\n",
    });
    const result = await adopt("--yes", "--from", kept.root, "mail", "--fold");
    await kept.remove();
    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stderr).toContain("Not understood: README");
    expect((await floe(home.root, ["apply", "--yes"])).exitCode).toBe(0);
    const mail = (await incus.client.getInstance(incus.project, "mail"))?.value;
    expect(mail).toMatchObject({
      status: "Running",
      config: { "limits.processes": "200", "cloud-init.user-data": "#cloud-config\n{}\n" },
      devices: { spool: { source: "/srv", path: "/spool", readonly: "true" } },
    });
  });
});
