/** observe, plan: what runs, and what would change. */
import { locator } from "../config/locator.ts";
import type { Evaluation } from "../model/evaluation.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import type { DriftMode, Plan } from "../model/plan.ts";
import type { StepTimes } from "../plan/downtime.ts";
import { type Clients, observe as observeServers } from "../plan/observe.ts";
import type { Observed } from "../plan/observed.ts";
import { makePlan } from "../plan/plan.ts";
import { inPhase } from "../report/in-phase.ts";
import { readStepTimes } from "../state/step-times.ts";
import { readListeners } from "../util/listeners.ts";
import type { Connections } from "./connect.ts";
import { evaluate } from "./evaluate.ts";
import { imageNames } from "./names.ts";
import type { Work } from "./work.ts";

// Who changes meanwhile what is planned.
export { currentHolder } from "../state/lock.ts";

/** observe: what runs. A server that does not answer is part of the answer. */
export async function observe(fleet: Fleet, clients: Clients, work: Work): Promise<Observed> {
  return inPhase("observe", work, () =>
    observeServers({ fleet, clients, listeners: readListeners, signal: work.signal }),
  );
}

/** What a plan is about. */
export interface PlanScope {
  /** Addresses (`SERVER/PROJECT/NAME`) of instances; null: the whole fleet. */
  readonly selection: readonly string[] | null;
  /** Plan the deletion of the fleet's instances that are no longer described. */
  readonly prune: boolean;
  /** The first instance of each image goes alone; default: as the containers say. */
  readonly canary?: boolean;
  /** What becomes of changes by hand; default `keep`. */
  readonly drift?: DriftMode;
}

/** A plan with what it was made from. */
export interface Planned {
  readonly plan: Plan;
  readonly evaluation: Evaluation;
  readonly observed: Observed;
}

/**
 * evaluate (unless an evaluation of the images is known) and observe at once, then plan. The flake files must be written.
 * @throws NixError when the flake as a whole does not evaluate
 */
export async function plan(
  fleet: Fleet,
  scope: PlanScope,
  connections: Connections,
  work: Work,
  known?: Evaluation,
): Promise<Planned> {
  const observing = connections.clients.then((clients) => observe(fleet, clients, work));
  const [evaluation, observed] = await Promise.all([known ?? evaluate(fleet, imageNames(fleet), work), observing]);
  return {
    plan: makePlan({
      fleet,
      evaluation,
      observed,
      locate: locator(fleet),
      ...scope,
      stepTimes: stepTimesOf(fleet.root),
    }),
    evaluation,
    observed,
  };
}

/** Addresses of the fleet's instances that run now, on the servers that answer. */
export async function runningInstances(fleet: Fleet, connections: Connections, work: Work): Promise<string[]> {
  const { servers } = await observe(fleet, await connections.clients, work);
  return instancesOf(fleet)
    .filter(({ server, project, name }) => {
      const observed = servers[server];
      const isIt = (one: { readonly name: string; readonly project: string }): boolean =>
        one.name === name && one.project === project;
      return observed?.ok === true && observed.instances.some((one) => isIt(one) && one.status === "running");
    })
    .map(({ server, project, name }) => `${server}/${project}/${name}`);
}

// --- internal ---

/** Read when the first is asked for: where nothing changes, nobody asks. */
function stepTimesOf(root: string): (address: string) => StepTimes | undefined {
  let times: ReturnType<typeof readStepTimes> | undefined;
  return (address) => {
    times ??= readStepTimes(root);
    return times.get(address);
  };
}
