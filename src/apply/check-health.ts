/** Asking for health once, without waiting for it. */

import type { HealthCheck } from "../model/fleet.ts";
import { decodeHealth } from "../plan/applied.ts";
import { statusOf } from "../plan/observed.ts";
import { messageOf } from "./context.ts";
import { type ProbeTarget, probe } from "./probes.ts";

/** A check that has no answer by then has failed. */
const patienceMs = 5000;

/**
 * What is wrong with an instance right now, one text a check that fails; empty when all pass. Asked are the checks that it was applied with: after a
 * rollback these are not the declared ones, which are asked where it does not say. Never throws.
 */
export async function checkHealth(
  target: ProbeTarget,
  declared: readonly HealthCheck[],
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const found = await target.client.getInstance(target.project, target.name);
    if (found === undefined) return ["It is not there"];
    const { status, status_code, config } = found.value;
    const checks = decodeHealth(config) ?? declared;
    if (statusOf(status_code) !== "running") return [`It does not run (${status.toLowerCase()})`];
    const answers = await Promise.all(checks.map((check) => probe(target, check, patienceMs, signal)));
    return answers.filter((answer) => answer !== undefined);
  } catch (error) {
    return [messageOf(error)];
  }
}
