/** What systemd in an instance says of itself. */
import { insidePath } from "../incus/inside-path.ts";
import { defined } from "../util/defined.ts";
import type { Target } from "./context.ts";
import type { ProbeTarget } from "./probes.ts";

export interface SystemState {
  /** `running`, `degraded`, `starting`, ...; or why systemd does not answer. */
  readonly state: string;
  /** Names of failed units. */
  readonly failed: readonly string[];
}

/** Not 127: Incus answers that with an error of its own. */
const noSystemd = 120;
const script = `command -v systemctl > /dev/null 2>&1 || exit ${noSystemd}
echo "$(systemctl is-system-running 2>&1 | head -n 1)"
systemctl list-units --state=failed --plain --no-legend --no-pager --full 2> /dev/null`;

/** Undefined where there is no systemd. @throws IncusError when no command can be run in it */
export async function readSystem(
  { client, project, name }: ProbeTarget,
  signal?: AbortSignal,
): Promise<SystemState | undefined> {
  const environment = { PATH: insidePath };
  const { exitCode, stdout } = await client.exec(project, name, ["/bin/sh", "-c", script], {
    ...defined({ signal }),
    environment,
  });
  if (exitCode === noSystemd) return undefined;
  const [state = "", ...units] = stdout.split("\n");
  return { state, failed: units.flatMap((line) => line.trim().split(/\s+/)[0] || []) };
}

/**
 * What is wrong with a system, or undefined. A unit that failed before the change too is not held against it. Where nothing
 * is known from before, `allowDegraded` decides whether failed units matter.
 */
export function judgeSystem(
  { state, failed }: SystemState,
  { allowDegraded, failedBefore }: { readonly allowDegraded: boolean; readonly failedBefore?: readonly string[] },
): string | undefined {
  if (state === "running") return undefined;
  if (state !== "degraded") return `The system is not up: ${state || "systemd does not answer"}`;
  if (failedBefore === undefined && allowDegraded) return undefined;
  const fresh = failed.filter((unit) => !failedBefore?.includes(unit));
  if (fresh.length === 0) return undefined;
  return `Failed ${fresh.length === 1 ? "unit" : "units"}: ${fresh.join(", ")}`;
}

/** The target with the units that have failed by now, where one of its checks asks for that and they can be known. Never throws. */
export async function withUnitsBefore<T extends Pick<Target, "client" | "project" | "name" | "health">>(
  target: T,
): Promise<T & Pick<Target, "failedBefore">> {
  if (!target.health.some(({ kind }) => kind === "systemd")) return target;
  const found = await readSystem(target).catch(() => undefined);
  return found === undefined || !/^(running|degraded)$/.test(found.state)
    ? target
    : { ...target, failedBefore: found.failed };
}
