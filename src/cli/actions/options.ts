import { outputOf } from "../../diagnose/modules.ts";
import { listOptions, searchOptions } from "../../options/search.ts";
import { askingOf } from "../../options/why.ts";
import { askFleet, cacheDir, load, writeFlake } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { anyMachine } from "../machine.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderOptions } from "../render/options.ts";
import { sayWritten } from "../written.ts";

export interface OptionsFlags extends GlobalFlags {
  readonly host?: string;
  readonly all: boolean;
}

export async function options(this: Cli, flags: OptionsFlags, ...words: string[]): Promise<void> {
  const project = openProject(this, flags);
  const { machine, found } = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const fleet = await load(project, work);
    const machine = anyMachine(fleet, flags.host);
    sayWritten(await writeFlake(fleet, work, { anyValue: true }), project.root, emit);
    const all = await askFleet(
      fleet,
      (asking) =>
        listOptions(machine, cacheDir(project.root), asking.nixVersion, askingOf(asking, outputOf(fleet, machine))),
      work,
    );
    return { machine, found: searchOptions(all, words) };
  });
  writeResult(this, flags, "options", { machine, options: found }, (text) =>
    renderOptions(found, machine, { ...text, all: flags.all }),
  );
  this.exitCode = found.length === 0 ? 1 : 0;
}
