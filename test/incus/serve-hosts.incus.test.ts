/** A host on the dashboard: generations, what differs between any two, disk, failed units; and one that does not answer. A real machine over SSH. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { GenerationChanges, HostDetails, Refusal } from "../../src/serve/protocol.ts";
import { addFirnBase, firnSystem } from "../support/firn-system.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { type SshLab, sshLab } from "../support/ssh-machine.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";
import { type Dashboard, openDashboard } from "./serve-details-support.ts";

const before = { PATH: process.env["PATH"], FLOE_SSH_PERSIST: process.env["FLOE_SSH_PERSIST"] };

describe.skipIf(skipIncus() || skipMachines())("hosts on the dashboard", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"crown">;
  let project: TempProject;
  let page: Dashboard;
  const systems: string[] = [];

  beforeAll(async () => {
    await addFirnBase();
    incus = await testIncus();
    lab = await sshLab(incus, { crown: {} });
    const hello = (version: string) =>
      `environment.systemPackages = [ (pkgs.hello.override { version = "${version}"; }) ];`;
    for (const version of ["1.0", "1.1", "1.2"])
      systems.push(await firnSystem({ hostName: "crown", config: hello(version) }));
    for (const system of systems) await lab.machines.crown.installSystem(system);
    project = await tempProject({
      "floe.config.ts": `import { fleet, dir } from "floe";
export default fleet({ name: "lab", inputs: { nixpkgs: "github:nixos/nixpkgs" }, hosts: dir("./hosts") });`,
      "hosts/crown.ts": `import { host } from "floe";
export default host({ target: "crown", tags: ["lab"] }, { networking: { hostName: "crown" } });`,
      "hosts/gone.ts": `import { host } from "floe";
export default host({ target: "root@192.0.2.1" }, { networking: { hostName: "gone" } });`,
    });
    process.env["PATH"] = lab.env["PATH"];
    process.env["FLOE_SSH_PERSIST"] = lab.env["FLOE_SSH_PERSIST"];
    page = await openDashboard(project.root);
    await vi.waitFor(async () => expect((await page.get("api/hosts/crwn")).status).toBe(404), { timeout: 15_000 });
  }, 300_000);
  afterAll(async () => {
    await page?.running.close();
    Object.assign(process.env, before);
    await lab?.remove();
    await incus?.remove();
    await project?.remove();
  });

  test("what it is, where it stands, and its generations", async () => {
    await lab.machines.crown.sh("systemd-run --quiet --unit sick false; sleep 1");
    const { status, body } = await page.get<HostDetails>("api/hosts/crown");
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.host).toMatchObject({
      name: "crown",
      target: "crown",
      state: "reachable",
      generation: 3,
      failedUnits: ["sick.service"],
      rebootReasons: expect.any(Array),
    });
    const upMs = Date.now() - Date.parse(body.host.bootedAt ?? "");
    expect(upMs).toBeGreaterThan(0);
    expect(upMs).toBeLessThan(600_000);
    expect(body.source).toBe("hosts/crown.ts:2");
    expect(body.generations.map(({ number, system, isCurrent }) => [number, system, isCurrent])).toEqual([
      [3, systems[2], true],
      [2, systems[1], false],
      [1, systems[0], false],
    ]);
    expect(body.disk?.used).toBeGreaterThan(0);
    expect(body.disk?.total).toBeGreaterThan(body.disk?.used ?? 0);
  });

  test("packages between any two, in both directions", async () => {
    const changes = async (from: number, to: number) =>
      (await page.get<GenerationChanges>(`api/hosts/crown/changes?from=${from}&to=${to}`)).body;
    const hello = ({ packages }: GenerationChanges) => packages.find(({ name }) => name === "hello");
    expect(hello(await changes(1, 3))).toMatchObject({ kind: "upgraded", before: ["1.0"], after: ["1.2"] });
    expect(hello(await changes(3, 1))).toMatchObject({ kind: "downgraded", before: ["1.2"], after: ["1.0"] });
    expect(await changes(2, 2)).toEqual({ from: 2, to: 2, packages: [], sizeDelta: 0 });
    expect(await page.get<Refusal>("api/hosts/crown/changes?from=1&to=9")).toMatchObject({
      status: 400,
      body: { message: "There is no generation 9", hint: "There are: 1, 2, 3" },
    });
    expect((await page.get("api/hosts/crown/changes?from=1&to=x")).status).toBe(400);
  });

  test("one that does not answer is told as such, in time", async () => {
    const begin = Date.now();
    const { status, body } = await page.get<Refusal>("api/hosts/gone");
    expect([502, 504]).toContain(status);
    expect(body.message).toMatch(/gone|192\.0\.2\.1/);
    expect(body.hint).toBeTruthy();
    expect(Date.now() - begin).toBeLessThan(30_000);
  });
});
