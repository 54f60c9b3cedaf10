import type { FleetList } from "../../list/fleet-list.ts";
import { listFleet } from "../../list/list-fleet.ts";
import { askServers } from "../../list/read-list.ts";
import type { Evaluation } from "../../model/evaluation.ts";
import { type Fleet, instancesOf } from "../../model/fleet.ts";
import {
  allNames,
  askHealth,
  evaluate,
  imageNames,
  load,
  recall,
  recallEvaluation,
  type Work,
  writeFlake,
} from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderList } from "../render/list.ts";
import { select } from "../selectors.ts";

export interface ListFlags extends GlobalFlags {
  readonly health: boolean;
  readonly outdated: boolean;
}

export async function list(this: Cli, flags: ListFlags, ...selectors: string[]): Promise<void> {
  const project = openProject(this, flags);
  const found = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const recalled = await recall(project, imageNames, work);
    const fleet = recalled?.fleet ?? (await load(project, work));
    const selection = select(fleet, selectors);
    const [answers, known] = await Promise.all([
      askServers(fleet, this.signal),
      recalled?.evaluation ?? lastEvaluation(fleet, work),
    ]);
    const evaluation = known ?? (flags.outdated ? await evaluateNow(fleet, work) : undefined);
    const whole = listFleet(fleet, answers, evaluation);
    const chosen = {
      ...whole,
      hosts: whole.hosts.filter(({ name }) => selection.hosts.has(name)),
      containers: whole.containers.filter(({ name }) => selection.images.has(name)),
      instances: whole.instances.filter(({ name }) => selection.instances.has(name)),
    };
    const asked = flags.health ? await withHealth(fleet, chosen, work) : chosen;
    return flags.outdated ? onlyOutdated(asked) : asked;
  });
  // What is read by another program is not folded.
  const width = this.process.stdout.columns || Number.POSITIVE_INFINITY;
  writeResult(this, flags, "list", found, (options) => renderList(found, { ...options, width, now: Date.now() }));
}

// --- internal ---

/** Of a plan, else of a check: what was evaluated is remembered by the names that were asked for. */
async function lastEvaluation(fleet: Fleet, work: Work): Promise<Evaluation | undefined> {
  return (
    (await recallEvaluation(fleet, imageNames(fleet), work)) ?? (await recallEvaluation(fleet, allNames(fleet), work))
  );
}

async function evaluateNow(fleet: Fleet, work: Work): Promise<Evaluation> {
  await writeFlake(fleet, work);
  return evaluate(fleet, imageNames(fleet), work);
}

/** Only what runs is asked. */
async function withHealth(fleet: Fleet, found: FleetList, work: Work): Promise<FleetList> {
  const addressOf = ({ server, project, name }: FleetList["instances"][number]): string =>
    `${server}/${project}/${name}`;
  const running = new Set(found.instances.filter(({ state }) => state === "running").map(addressOf));
  const due = instancesOf(fleet).filter(({ server, project, name }) => running.has(`${server}/${project}/${name}`));
  const answers = await askHealth(fleet, due, work);
  const instances = found.instances.map((instance) => {
    const failures = answers.get(addressOf(instance));
    return failures === undefined ? instance : { ...instance, failures };
  });
  return { ...found, instances };
}

function onlyOutdated(found: FleetList): FleetList {
  const instances = found.instances.filter(({ isUpdateAvailable }) => isUpdateAvailable === true);
  const names = new Set(instances.map(({ container }) => container));
  return { ...found, hosts: [], containers: found.containers.filter(({ name }) => names.has(name)), instances };
}
