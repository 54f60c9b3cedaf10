import { listFleet } from "../../list/list-fleet.ts";
import { askServers } from "../../list/read-list.ts";
import { allNames, load, recall, recallEvaluation } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderList } from "../render/list.ts";
import { select } from "../selectors.ts";

export async function list(this: Cli, flags: GlobalFlags, ...selectors: string[]): Promise<void> {
  const project = openProject(this, flags);
  const found = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const recalled = await recall(project, allNames, work);
    const fleet = recalled?.fleet ?? (await load(project, work));
    const selection = select(fleet, selectors);
    const [answers, evaluation] = await Promise.all([
      askServers(fleet, this.signal),
      recalled === undefined ? recallEvaluation(fleet, allNames(fleet), work) : recalled.evaluation,
    ]);
    const whole = listFleet(fleet, answers, evaluation);
    if (selectors.length === 0) return whole;
    return {
      ...whole,
      hosts: whole.hosts.filter(({ name }) => selection.hosts.has(name)),
      containers: whole.containers.filter(({ name }) => selection.images.has(name)),
      instances: whole.instances.filter(({ name }) => selection.instances.has(name)),
    };
  });
  writeResult(this, flags, "list", found, (options) => renderList(found, { ...options, now: Date.now() }));
}
