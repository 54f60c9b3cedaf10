/** What systemd runs: the apply by the clock and what it tells, the dashboard. */
import type { Dashboard, Fleet, Nightly } from "../model/fleet.ts";
import type { Outcome as ApplyOutcome, Summary } from "../nightly/summary.ts";
import type { UnitFiles } from "../nightly/units.ts";

/** systemd's units for an apply by the clock; of `path` only what it needs is in them. @throws UsageError */
export async function nightlyUnits(
  nightly: Nightly,
  fleet: string,
  command: readonly string[],
  path: string,
): Promise<UnitFiles> {
  const [{ unitFiles }, { neededPath }] = await Promise.all([
    import("../nightly/units.ts"),
    import("../nightly/path.ts"),
  ]);
  return unitFiles(nightly, fleet, command, neededPath(nightly, path));
}

/** systemd's unit for the dashboard on this machine; of `path` only what it needs is in it. @throws UsageError */
export async function serveUnits(
  dashboard: Dashboard,
  { name, hosts }: Pick<Fleet, "name" | "hosts">,
  command: readonly string[],
  path: string,
): Promise<UnitFiles> {
  const [{ isLockedIn, serveUnitFiles }, { neededPath }, { thisHostName }] = await Promise.all([
    import("../nightly/serve-unit.ts"),
    import("../nightly/path.ts"),
    import("../apply/hosts/open.ts"),
  ]);
  const lockedIn = isLockedIn(dashboard, hosts[dashboard.host ?? thisHostName()]);
  return serveUnitFiles(dashboard, { fleet: name, command, path: neededPath({ notify: [] }, path), lockedIn });
}

/** Writes units into a folder; answers their paths. @throws StateError */
export async function writeUnits(folder: string, files: UnitFiles): Promise<string[]> {
  return (await import("../nightly/write.ts")).writeUnits(folder, files);
}

/** What an unattended apply did, in words. */
export async function summariseApply(outcome: ApplyOutcome): Promise<Summary> {
  return (await import("../nightly/summary.ts")).summarise(outcome);
}

/** Sends a summary to everybody the fleet names; answers who could not be told, and why. An apply that is stopped tells too. */
export async function tellSummary({ nightly }: Fleet, summary: Summary): Promise<string[]> {
  const { notifyAll } = await import("../nightly/notify.ts");
  return notifyAll(nightly?.notify ?? [], summary, new AbortController().signal);
}
