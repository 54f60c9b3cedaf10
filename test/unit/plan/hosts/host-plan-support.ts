/** Hosts as plain data, for the tests of what is planned for them. */
import type { ObservedHost } from "../../../../src/plan/hosts/observed.ts";
import type { PlanHostInput } from "../../../../src/plan/hosts/plan-host.ts";

export const system = (mark: string, name = "nixos-system-crown-26.05"): string =>
  `/nix/store/${mark.padStart(32, "0")}-${name}`;

/** A host of two generations, whose second one runs and boots and was made by the fleet "home". */
export function observedHost(change: Partial<ObservedHost> = {}): ObservedHost {
  return {
    identity: { hostName: "crown", machineId: "1", bootId: "b" },
    platform: "x86_64-linux",
    current: system("2"),
    booted: system("1"),
    generations: [
      { number: 1, system: system("1") },
      { number: 2, system: system("2") },
    ],
    boots: { number: 2, system: system("2") },
    failedUnits: [],
    records: [{ number: 2, system: system("2"), fleet: "home", at: 1 }],
    freeBytes: 1e12,
    nixVersion: "2.34.8",
    kernelRelease: "6.1.5",
    configurationRevision: undefined,
    parts: { booted: {}, current: {} },
    ...change,
  };
}

/** To be switched to its third system. */
export function planInput(change: Partial<PlanHostInput> = {}): PlanHostInput {
  return {
    fleet: "home",
    action: "switch",
    name: "crown",
    where: "root@crown.lan",
    platform: "x86_64-linux",
    system: system("3"),
    observed: observedHost(),
    adopt: false,
    ...change,
  };
}
