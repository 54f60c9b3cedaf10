import { loadWithPlaces } from "../../diagnose/diagnose.ts";
import { explainOption } from "../../options/why.ts";
import { askFleet, load, writeFlake } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { machineNamed } from "../machine.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderWhy } from "../render/why.ts";
import { sayWritten } from "../written.ts";

export async function why(this: Cli, flags: GlobalFlags, option: string, host?: string): Promise<void> {
  const project = openProject(this, flags);
  const answer = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const fleet = await load(project, work);
    const machine = machineNamed(fleet, host);
    sayWritten(await writeFlake(fleet, work, { anyValue: true }), project.root, emit);
    const placed = (await loadWithPlaces(project.root)) ?? fleet;
    return askFleet(fleet, (asking) => explainOption({ fleet: placed, machine, option }, asking), work);
  });
  writeResult(this, flags, "why", answer, (options) => renderWhy(answer, options));
  this.exitCode = answer.what === "option" && answer.error !== undefined ? 1 : 0;
}
