/** The plan of hosts for `floe plan`: read only what `floe switch` looks at first and for certain. */
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet, Host } from "../model/fleet.ts";
import type { HostPlan } from "../model/host-plan.ts";
import { evaluate, planOnly, type Work } from "../pipeline.ts";
import { evaluationProblems } from "./problems.ts";

export async function planFleetHosts(
  fleet: Fleet,
  hosts: readonly Host[],
  { build, showTrace }: { readonly build: boolean; readonly showTrace: boolean },
  work: Work,
): Promise<HostPlan> {
  let evaluation: Evaluation = { hosts: {}, images: {}, shells: {} };
  const evaluateHosts = async (names: readonly string[]): Promise<Evaluation> => {
    if (names.length > 0) evaluation = await evaluate(fleet, { hosts: names, containers: [], shells: [] }, work);
    return evaluation;
  };
  const plan = await planOnly(fleet, hosts, { build, evaluateHosts }, work);
  return { ...plan, problems: [...evaluationProblems(evaluation, { showTrace }), ...plan.problems] };
}
