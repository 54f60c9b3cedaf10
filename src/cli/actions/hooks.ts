import { hooks, load, recall } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";

export interface HooksFlags extends GlobalFlags {
  readonly preCommit: boolean;
}

export async function hooksInstall(this: Cli, flags: HooksFlags): Promise<void> {
  const project = openProject(this, flags);
  const kind = flags.preCommit ? "pre-commit" : "git";
  const written = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const nothing = () => ({ hosts: [], containers: [], shells: [] });
    const { tooling } = (await recall(project, nothing, work))?.fleet ?? (await load(project, work));
    return (await hooks()).installHook(kind, tooling, { root: project.root, signal: this.signal });
  });
  const next = kind === "pre-commit" ? "; pre-commit install makes git ask it" : "";
  writeResult(this, flags, "hooks", { hook: { kind, ...written } }, () =>
    written.isChanged ? `Written: ${written.file}${next}\n` : `${written.file} is current\n`,
  );
}

export async function hooksRemove(this: Cli, flags: GlobalFlags): Promise<void> {
  const { root } = openProject(this, flags);
  const removed = await (await hooks()).removeHooks({ root, signal: this.signal });
  writeResult(this, flags, "hooks", { removed }, () =>
    removed.length === 0 ? "There is none of floe's\n" : removed.map((file) => `Removed: ${file}\n`).join(""),
  );
}
