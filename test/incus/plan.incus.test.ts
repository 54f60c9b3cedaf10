import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MissingError } from "../../src/errors.ts";
import { configRules, reachOfConfig } from "../../src/plan/classify.ts";
import { observe } from "../../src/plan/observe.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { readListeners } from "../../src/util/listeners.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { freePort } from "../support/ports.ts";
import { type ContainerSpec, evaluationOf, fleetOf, told, type World, worldOf } from "./apply-support.ts";

describe.skipIf(skipIncus())("a plan on the real Incus", () => {
  let incus: TestIncus;
  let world: World;
  beforeAll(async () => {
    incus = await testIncus();
    world = worldOf(incus.client, incus.project);
    await world.apply(foreign, { fleet: "work" });
  });
  afterAll(async () => {
    world.removeRoot();
    await incus.remove();
  });

  const volumes = { "/data": { pool: "default", name: "shared-data", existing: false } };
  const foreign: Record<string, ContainerSpec> = { taken: { page: "theirs", instances: { taken: { volumes } } } };
  const problems = async (containers: Record<string, ContainerSpec>): Promise<string[]> =>
    told(await world.plan(containers)).filter((line) => line.startsWith("problem"));

  test("an instance that was renamed by hand is not made a second time", async () => {
    const mine: Record<string, ContainerSpec> = { mine: { page: "mine", instances: { mine: {} } } };
    await world.apply(mine);
    const { client, project } = incus;
    await client.setInstanceState(project, "mine", "stop", { force: true });
    await client.renameInstance(project, "mine", "hugo");
    expect(await problems(mine)).toEqual([
      'problem instance mine: Instance "hugo" on the server "local" is this one under another name',
    ]);
    await client.renameInstance(project, "hugo", "mine");
    expect(await problems(mine)).toEqual([]);
    await client.deleteInstance(project, "mine");
  });

  test("instances, aliases and volumes of others are problems, and stay untouched", async () => {
    const before = await incus.client.getInstance(incus.project, "taken");
    const mine: Record<string, ContainerSpec> = { taken: { page: "mine", instances: { taken: { volumes } } } };
    expect(await problems(mine)).toEqual([
      'problem instance taken: Instance "taken" exists on the server "local" and belongs to the fleet "work"',
      'problem container taken: The image alias "taken" exists on the server "local" and belongs to the fleet "work"',
      'problem instance taken: Volume "shared-data" of the pool "default" exists on the server "local" and belongs to the fleet "work"',
    ]);
    await expect(world.apply(mine)).rejects.toThrowError("The plan has problems");
    await world.apply(mine, { options: { partial: true } });
    expect((await incus.client.getInstance(incus.project, "taken"))?.value).toEqual(before?.value);
    expect(await world.page("taken")).toBe("theirs");
  });

  test("what is not there is said before anything is touched", async () => {
    const one = (instance: ContainerSpec["instances"][string]): Record<string, ContainerSpec> => ({
      lone: { page: "lone", instances: { lone: instance } },
    });
    expect(await problems(one({ profiles: ["default", "gpu"] }))).toMatchObject([
      expect.stringContaining('There is no profile "gpu"'),
    ]);
    expect(await problems(one({ network: { bridge: "no-such-bridge" } }))).toMatchObject([
      expect.stringContaining('There is no network interface "no-such-bridge"'),
    ]);
    expect(
      await problems(one({ volumes: { "/x": { pool: "no-such-pool", name: "x", existing: false } } })),
    ).toMatchObject([expect.stringContaining('There is no storage pool "no-such-pool"')]);
    expect(await problems(one({ profiles: [] }))).toMatchObject([expect.stringContaining("It has no root disk")]);
    expect(await problems(one({ project: "no-such-project" }))).toMatchObject([
      expect.stringContaining('The Incus project "no-such-project" does not exist'),
    ]);
  });

  test("a port that a program of this machine has is said with the program", async () => {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const containers = (address: string): Record<string, ContainerSpec> => ({
        lone: {
          page: "lone",
          instances: { lone: { ports: [{ listen: `tcp:${address}:${port}`, connect: "tcp:127.0.0.1:80" }] } },
        },
      });
      expect(await problems(containers("127.0.0.1"))).toEqual([
        expect.stringMatching(
          new RegExp(`^problem instance lone: Port 127.0.0.1:${port} is held by .+ \\(process ${process.pid}\\)$`),
        ),
      ]);
      expect(await problems(containers("0.0.0.0"))).toHaveLength(1);
      expect(await problems(containers("127.0.0.2"))).toEqual([]);
    } finally {
      server.close();
    }
  });

  test("a server that does not answer is a problem of its own instances only", async () => {
    const containers: Record<string, ContainerSpec> = {
      near: { page: "near", instances: { near: {} } },
      far: { page: "far", instances: { far: { server: "far" } } },
    };
    const fleet = {
      ...fleetOf(containers, { project: incus.project }),
      servers: {
        local: { name: "local", kind: "unix" as const },
        far: { name: "far", kind: "https" as const, url: "https://far.invalid" },
      },
    };
    const clients = { local: incus.client, far: new MissingError("Cannot reach the server", { hint: "Is it on?" }) };
    const observed = await observe({ fleet, clients, listeners: readListeners });
    expect(told(makePlan({ fleet, evaluation: evaluationOf(containers), observed }))).toEqual([
      "create image near",
      "create instance near create",
      "problem server far: Cannot reach the server",
    ]);
  });

  /** What only the moment of a boot, a snapshot or a move reads: no restart makes it count sooner. */
  const readLater = /^(boot|snapshots|migration|cluster)\./;
  const isForContainers = (condition: unknown): boolean => condition !== "virtual machine";

  test("what is changed live is what Incus says can be, and seeds need a new root", async () => {
    const { value } = await incus.client.request<{
      readonly configs: {
        readonly instance: Readonly<
          Record<
            string,
            {
              readonly keys: readonly Readonly<
                Record<string, { readonly liveupdate?: string; readonly condition?: string }>
              >[];
            }
          >
        >;
      };
    }>("GET", "/1.0/metadata/configuration");
    const keys = Object.values(value.configs.instance).flatMap((group) =>
      group.keys.flatMap((entry) => Object.entries(entry)),
    );
    const known = keys.filter(([key, { condition }]) => !key.startsWith("volatile.") && isForContainers(condition));
    expect(known.length).toBeGreaterThan(50);
    const wrong = known
      .filter(
        ([key, { liveupdate = "" }]) =>
          reachOfConfig(key) === "live" && !liveupdate.startsWith("yes") && !readLater.test(key),
      )
      .map(([key]) => key);
    expect(wrong).toEqual([]);
    expect(
      known
        .map(([key]) => key)
        .filter((key) => reachOfConfig(key) === "root")
        .sort(),
    ).toEqual([
      "cloud-init.network-config",
      "cloud-init.user-data",
      "cloud-init.vendor-data",
      "user.network-config",
      "user.user-data",
      "user.vendor-data",
    ]);
    const unused = configRules.filter(
      ({ pattern }) => ![...known.map(([key]) => key), "limits.kernel.nofile"].some((key) => pattern.test(key)),
    );
    expect(unused).toEqual([]);
  });
});
