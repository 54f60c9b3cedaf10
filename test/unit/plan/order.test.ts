import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCycle, type Orderable, orderTurns, wavesOf } from "../../../src/plan/order.ts";

const one = (name: string, more: Partial<Orderable> = {}): Orderable => ({
  address: `local/default/${name}`,
  name,
  server: "local",
  project: "default",
  container: name,
  ...more,
});
const short = (address: string): string => address.split("/").at(-1) ?? "";
const waves = (...given: Parameters<typeof orderTurns>): string[] =>
  wavesOf(orderTurns(...given)).map((wave) => wave.map(short).join(" "));

describe("the order of instances", () => {
  test("what an instance depends on goes first, whatever its name and priority", () => {
    expect(
      waves([one("app", { dependsOn: ["db", "cache"], boot: { priority: 9 } }), one("cache"), one("db"), one("zoo")]),
    ).toEqual(["cache db zoo", "app"]);
  });

  test("then the higher boot priority, then the name", () => {
    expect(
      orderTurns([one("b"), one("a"), one("c", { boot: { priority: 5 } })]).map(({ address }) => short(address)),
    ).toEqual(["c", "a", "b"]);
  });

  test.each([
    [{ canary: false, parallel: 1 }, ["w1", "w2", "w3", "w4", "w5"]],
    [{ canary: false, parallel: 2 }, ["w1 w2", "w3 w4", "w5"]],
    [{ canary: true, parallel: 3 }, ["w1", "w2 w3 w4", "w5"]],
    [{ canary: true, parallel: 1 }, ["w1", "w2", "w3", "w4", "w5"]],
  ])("a rollout %j of five instances", (rollout, expected) => {
    const five = [1, 2, 3, 4, 5].map((number) => one(`w${number}`, { container: "web" }));
    expect(waves(five, () => rollout)).toEqual(expected);
  });

  test("a dependency that is not among them is no reason to wait; of two with its name the nearer one counts", () => {
    expect(waves([one("app", { dependsOn: ["db"] })])).toEqual(["app"]);
    const far = one("db", { server: "far", address: "far/default/db" });
    const [, , turn] = orderTurns([one("db"), far, one("app", { dependsOn: ["db"] })]).sort(
      (a, b) => a.needs.length - b.needs.length,
    );
    expect(turn?.needs).toEqual(["local/default/db"]);
  });

  test("a circle is found with its names, also one of a single instance", () => {
    const circle = [one("a", { dependsOn: ["b"] }), one("b", { dependsOn: ["c"] }), one("c", { dependsOn: ["a"] })];
    expect(findCycle([one("x", { dependsOn: ["a"] }), ...circle])).toEqual(["a", "b", "c", "a"]);
    expect(findCycle([one("a", { dependsOn: ["a"] })])).toEqual(["a", "a"]);
    expect(findCycle([one("a"), one("b", { dependsOn: ["a"] }), one("c", { dependsOn: ["a", "b"] })])).toBeUndefined();
  });

  test("for any fleet: everybody has a turn, after all that it waits for, and no batch is too large", () => {
    const fleet = fc.array(
      fc.record({
        container: fc.constantFrom("x", "y"),
        priority: fc.integer({ min: -2, max: 2 }),
        needs: fc.array(fc.nat(9)),
      }),
      { maxLength: 10 },
    );
    const rollout = fc.record({ canary: fc.boolean(), parallel: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(fleet, rollout, (specs, rolled) => {
        const instances = specs.map(({ container, priority, needs }, index) =>
          one(`i${index}`, { container, boot: { priority }, dependsOn: needs.map((number) => `i${number}`) }),
        );
        const turns = orderTurns(instances, () => rolled);
        const order = turns.map(({ address }) => address);
        expect([...order].sort()).toEqual(instances.map(({ address }) => address).sort());
        for (const [index, { needs, after }] of turns.entries())
          for (const other of [...needs, ...after]) expect(order.indexOf(other)).toBeLessThan(index);
        if (findCycle(instances) === undefined)
          for (const { address, needs } of turns)
            expect(needs.length).toBe(
              instances
                .find((instance) => instance.address === address)
                ?.dependsOn?.filter((name) => instances.some((other) => other.name === name)).length,
            );
        for (const container of ["x", "y"]) {
          const sizes = new Map<string, number>();
          for (const turn of turns)
            if (instances.find(({ address }) => address === turn.address)?.container === container)
              sizes.set(turn.after.join(), (sizes.get(turn.after.join()) ?? 0) + 1);
          expect(Math.max(0, ...sizes.values())).toBeLessThanOrEqual(rolled.parallel);
        }
      }),
    );
  });
});
