import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Instance } from "../../src/model/fleet.ts";
import type { FloeEvent } from "../../src/report/events.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { type ContainerSpec, outcomes, passes, type World, worldOf } from "./apply-support.ts";

/** How many instances changed at once, and in which order they began and ended. */
function watch(events: readonly FloeEvent[]): { readonly most: number; readonly order: string[] } {
  const running = new Set<string>();
  const order: string[] = [];
  let most = 0;
  for (const event of events) {
    if (!("subject" in event) || /image:|volume:/.test(event.subject)) continue;
    const name = event.subject.split("/").at(-1) ?? "";
    if (event.type === "step.start" && !running.has(name) && !order.includes(`${name} ends`)) {
      running.add(name);
      order.push(name);
    }
    if (event.type === "change.end" && running.delete(name)) order.push(`${name} ends`);
    most = Math.max(most, running.size);
  }
  return { most, order };
}

describe.skipIf(skipIncus())("a rollout on the real Incus", () => {
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

  const fine = { ...passes("true"), withinMs: 20_000 };
  /** Every instance is changed by a new description: the quickest change there is that asks for health. */
  const fleet = (
    description: string,
    bad: readonly string[] = [],
    more: Record<string, Partial<ContainerSpec>> = {},
  ) => {
    const one = (name: string, spec: Partial<Instance> = {}): Partial<Instance> => ({
      description,
      health: [bad.includes(name) ? passes(`test ${name} = well`) : fine],
      ...spec,
    });
    const of = (names: readonly string[], spec?: Partial<Instance>) =>
      Object.fromEntries(names.map((name) => [name, one(name, spec)]));
    return {
      app: { page: "app", instances: of(["app"], { dependsOn: ["db"] }), ...more["app"] },
      db: { page: "db", instances: of(["db"], { dependsOn: ["store"] }), ...more["db"] },
      store: { page: "store", instances: of(["store"]), ...more["store"] },
      web: { page: "web", instances: of(["web-1", "web-2", "web-3", "web-4"]), ...more["web"] },
    } satisfies Record<string, ContainerSpec>;
  };
  const instancesOnly = (lines: readonly string[]) => lines.filter((line) => line.includes(" instance "));

  test("dependencies first, one instance of an image after the other, two at once", async () => {
    const { plan, report, events } = await world.apply(fleet("first"));
    expect(report.exitCode, JSON.stringify(report.changes)).toBe(0);
    expect(plan.waves?.map((wave) => wave.map((address) => address.split("/").at(-1)).join(" "))).toEqual([
      "store web-1",
      "db web-2",
      "app web-3",
      "web-4",
    ]);
    const { order, most } = watch(events);
    expect(most).toBe(2);
    for (const [before, after] of [
      ["store", "db"],
      ["db", "app"],
      ["web-1", "web-2"],
      ["web-2", "web-3"],
      ["web-3", "web-4"],
    ])
      expect(order.indexOf(`${before} ends`)).toBeLessThan(order.indexOf(after ?? ""));
  });

  test("a canary goes alone, the others as many at once as the rollout says", async () => {
    const web = { rollout: { canary: true, parallel: 3 } };
    const { plan, report, events } = await world.apply(fleet("second", [], { web }), {
      selection: ["web-1", "web-2", "web-3", "web-4"].map((name) => `local/${incus.project}/${name}`),
    });
    expect(report.exitCode, JSON.stringify(report.changes)).toBe(0);
    expect(plan.waves?.map((wave) => wave.length)).toEqual([1, 3]);
    const { order, most } = watch(events);
    expect(order.slice(0, 2)).toEqual(["web-1", "web-1 ends"]);
    expect(most).toBe(3);
  });

  test("never more at once than maxParallel", async () => {
    const web = { rollout: { canary: false, parallel: 4 } };
    const { report, events } = await world.apply(fleet("third", [], { web }), { options: { maxParallel: 1 } });
    expect(report.exitCode, JSON.stringify(report.changes)).toBe(0);
    expect(watch(events).most).toBe(1);
  });

  test("a canary that fails spares its siblings, and a dependency those that depend on it; each with the reason", async () => {
    const { report } = await world.apply(fleet("fourth", ["store", "web-1"]), { canary: true });
    expect(report.exitCode).toBe(4);
    expect(instancesOnly(outcomes(report)).sort()).toEqual([
      'live instance app: skipped: "db", which it depends on, was not changed',
      'live instance db: skipped: "store", which it depends on, failed before',
      expect.stringMatching(/^live instance store: undone: "store" is not healthy/),
      expect.stringMatching(/^live instance web-1: undone: "web-1" is not healthy/),
      ...[2, 3, 4].map(
        (number) => `live instance web-${number}: skipped: "web-1", made from the same image, failed before`,
      ),
    ]);
    expect(await world.instances()).toEqual(
      ["app", "db", "store", "web-1", "web-2", "web-3", "web-4"].map((name) => `${name}: Running current`),
    );
  });

  test("with failFast nothing more is begun at all", async () => {
    const { report } = await world.apply(fleet("fourth", ["store"]), { options: { failFast: true, maxParallel: 1 } });
    const lines = instancesOnly(outcomes(report));
    expect(lines.filter((line) => line.includes(": undone"))).toHaveLength(1);
    expect(lines).toContain(
      'live instance web-1: skipped: "store" failed before, and nothing more was to be begun after that',
    );
    expect((await world.apply(fleet("fourth"))).report.exitCode).toBe(0);
  });

  test("a circle is a problem of each of its instances, and the others are planned", async () => {
    const circle = {
      app: { instances: { app: { dependsOn: ["db"] } } },
      db: { instances: { db: { dependsOn: ["app"] } } },
    };
    const { problems, changes } = await world.plan(fleet("fourth", [], circle));
    expect(problems.map(({ subject, message }) => `${subject}: ${message}`)).toEqual([
      "instance app: It depends on itself: app → db → app",
      "instance db: It depends on itself: app → db → app",
    ]);
    expect(changes.flatMap((change) => (change.kind === "instance" ? [change.name] : []))).toEqual([
      "store",
      "web-1",
      "web-2",
      "web-3",
      "web-4",
    ]);
  });
});
