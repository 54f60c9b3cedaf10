/** build: the systems of hosts, here or on their machines. */
import { join } from "node:path";
import type { FloeError } from "../errors.ts";
import type { Derivation, Evaluation } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import type { BuildOutcome } from "../nix/build.ts";
import type { FloeEvent } from "../report/events.ts";
import { eachHost } from "./each-host.ts";
import { nixOf } from "./nix-of.ts";
import type { ByHost, OpenHosts } from "./open-hosts.ts";
import type { Work } from "./work.ts";

/** Where and how systems are built. */
export interface BuildHostsOptions {
  /** Against what each host says. */
  readonly on?: "here" | "target";
  /** Told as soon as a system is there, while others are still being built. */
  readonly onBuilt?: (name: string) => void;
}

/** A system that is in a store: this machine's, or that of the host. */
export interface BuiltHost extends Partial<Pick<Derivation, "drvPath">> {
  readonly system: string;
  readonly isThere: boolean;
}

/** build: here, with the fleet's builders; or on the machines. @throws CancelledError */
export async function buildHosts(
  fleet: Fleet,
  { hosts }: Evaluation,
  open: OpenHosts,
  { on, onBuilt }: BuildHostsOptions,
  work: Work,
): Promise<ByHost<BuiltHost>> {
  const derivations = Object.entries(hosts).flatMap(([name, host]) => (host.ok ? [{ name, ...host.value }] : []));
  const isThere = (name: string): boolean => (on ?? fleet.hosts[name]?.build) === "target";
  const here = derivations.filter(({ name }) => !isThere(name));
  const there = derivations.filter(({ name }) => isThere(name));
  const [builtHere, builtThere] = await Promise.all([
    buildHere(fleet, here, onBuilt, work),
    buildOnMachines(there, open, work),
  ]);
  return new Map([...builtHere, ...builtThere]);
}

/** `--store-path`: a system that is in this machine's store, or that its caches have. @throws FloeError when it is neither, or none */
export async function systemAt(fleet: Fleet, path: string, work: Work): Promise<string> {
  const [{ findSystem }, nix] = await Promise.all([import("../nix/given-system.ts"), nixOf(fleet)]);
  return findSystem(nix, path, work);
}

/** Copies what was built to the fleet's caches. What fails is told as a warning. @throws CancelledError */
export async function pushBuilt(fleet: Fleet, paths: readonly string[], work: Work): Promise<boolean> {
  const caches = fleet.pushTo ?? [];
  if (caches.length === 0 || paths.length === 0) return true;
  const { pushToCaches } = await import("../nix/push-cache.ts");
  const failures = await pushToCaches(caches, { nix: await nixOf(fleet), paths, ...work });
  for (const { message } of failures) work.emit({ type: "message", level: "warning", text: message });
  return failures.length === 0;
}

// --- internal ---

async function buildHere(
  fleet: Fleet,
  derivations: readonly (Derivation & { readonly name: string })[],
  onBuilt: BuildHostsOptions["onBuilt"],
  work: Work,
): Promise<(readonly [string, BuiltHost | FloeError])[]> {
  if (derivations.length === 0) return [];
  const { buildDerivations } = await import("../nix/build.ts");
  const emit: Work["emit"] = (event) => {
    work.emit(event);
    const ended = event as FloeEvent;
    if (ended.type !== "build.end" || !ended.ok) return;
    for (const { name, drvPath } of derivations) if (drvPath === ended.drv) onBuilt?.(name);
  };
  const outcomes = await buildDerivations({
    nix: await nixOf(fleet),
    derivations,
    rootsDir: join(fleet.root, ".floe", "roots"),
    keepGoing: true,
    builders: fleet.builders ?? [],
    signal: work.signal,
    emit,
  });
  return outcomes.map((outcome) => [outcome.name, builtHere(outcome)] as const);
}

function builtHere(outcome: BuildOutcome): BuiltHost | FloeError {
  return outcome.ok ? { system: outcome.outPath, drvPath: outcome.drvPath, isThere: false } : outcome.error;
}

async function buildOnMachines(
  derivations: readonly (Derivation & { readonly name: string })[],
  { machines }: OpenHosts,
  work: Work,
): Promise<(readonly [string, BuiltHost | FloeError])[]> {
  if (derivations.length === 0) return [];
  const { buildThere } = await import("../apply/hosts/build-there.ts");
  const byName = new Map(derivations.map((derivation) => [derivation.name, derivation]));
  const reached = new Map([...machines].filter(([name]) => byName.has(name)));
  const built = await eachHost(reached, async (machine, name): Promise<BuiltHost> => {
    const { drvPath, outPath } = byName.get(name) as Derivation;
    await buildThere({ machine, drvPath, outPath, ...work });
    return { system: outPath, drvPath, isThere: true };
  });
  return [...built];
}
