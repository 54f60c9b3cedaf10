import { UsageError } from "../../errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import { load, refreshTypes, writeFlake } from "../../pipeline.ts";
import { nearest } from "../../util/nearest.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderTypes } from "../render/types.ts";
import { listed } from "../render/words.ts";
import { sayWritten } from "../written.ts";

export async function types(this: Cli, flags: GlobalFlags, machine?: string): Promise<void> {
  const project = openProject(this, flags);
  const result = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const fleet = await load(project, work);
    refuseUnknown(fleet, machine);
    sayWritten(await writeFlake(fleet, work, { anyValue: true }), project.root, emit);
    return refreshTypes(fleet, { fresh: true, only: machine }, work);
  });
  writeResult(this, flags, "types", result, (options) => renderTypes(result, options));
  this.exitCode = result.machines.some(({ error }) => error !== undefined) ? 1 : 0;
}

// --- internal ---

function refuseUnknown({ hosts, containers, homes = {} }: Fleet, name: string | undefined): void {
  const machines = [hosts, containers, homes].flatMap((group) => Object.keys(group));
  if (machines.length === 0)
    throw new UsageError("The fleet has no hosts, containers or homes", { hint: "Write one: hosts/NAME.ts" });
  if (name === undefined || machines.includes(name)) return;
  const near = nearest(name, machines);
  throw new UsageError(`There is no host, container or home "${name}"`, {
    hint: near === undefined ? `There is ${listed(machines)}` : `Did you mean ${near}?`,
  });
}
