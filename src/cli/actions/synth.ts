import type { Fleet } from "../../model/fleet.ts";
import {
  ci,
  compareFiles,
  type FileDifferences,
  type FlakeFiles,
  isCurrent,
  load,
  readGenerated,
  synthFlake,
  writeFlake,
} from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { type TextOptions, writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { counted } from "../render/words.ts";
import { writtenLine } from "../written.ts";

export interface SynthFlags extends GlobalFlags {
  readonly check: boolean;
  readonly diff: boolean;
}

export async function synth(this: Cli, flags: SynthFlags): Promise<void> {
  const project = openProject(this, flags);
  const isDry = flags.check || flags.diff;
  const { files, onDisk, differences, workflow } = await withProgress(this, flags, async ({ emit }) => {
    const fleet = await load(project, { emit, signal: this.signal });
    const files = await synthFlake(fleet);
    const onDisk = await readGenerated(project.root, files);
    const differences = isDry ? compareFiles(files, onDisk) : await writeFlake(fleet, { emit });
    return { files, onDisk, differences, workflow: await workflowIn(fleet, isDry, this.signal) };
  });
  const current = isCurrent(differences) && workflow.state !== "stale";
  const patch = flags.diff ? await patchOf(files, onDisk, differences) : "";
  writeResult(
    this,
    flags,
    "synth",
    { ...differences, workflow, current, written: !isDry, ...(flags.diff ? { patch } : {}) },
    (options) =>
      (flags.diff && patch !== "" ? paintPatch(patch, options) : `${describe(differences, isDry, project.root)}\n`) +
      describeWorkflow(workflow, isDry),
  );
  this.exitCode = flags.check && !current ? 1 : 0;
}

// --- internal ---

type Workflow = Awaited<ReturnType<Awaited<ReturnType<typeof ci>>["workflowOf"]>>;

/** The workflow of `floe ci github` goes with the flake files; `stale` on a dry run stays as it is. */
async function workflowIn(fleet: Fleet, isDry: boolean, signal: AbortSignal): Promise<Workflow> {
  const { workflowOf, refreshWorkflow } = await ci();
  const workflow = await workflowOf(fleet, signal);
  if (isDry || workflow.state !== "stale") return workflow;
  await refreshWorkflow(fleet, signal);
  return workflow;
}

function describeWorkflow({ file, state }: Workflow, isDry: boolean): string {
  if (state !== "stale") return "";
  return isDry ? `~ ${file}, which floe synth writes again\n` : `Wrote ${file}\n`;
}

function describe(differences: FileDifferences, isDry: boolean, root: string): string {
  const { missing, changed, stale, foreign, same } = differences;
  if (isCurrent(differences) && same.length === 0)
    return "Nothing to write: everything comes from flake.nix, which is yours";
  if (isCurrent(differences)) return `${counted(same.length, "flake file")} up to date`;
  if (!isDry) return writtenLine(differences, root) ?? "";
  const lines = [
    ...missing.map((file) => `+ ${file}`),
    ...changed.map((file) => `~ ${file}`),
    ...stale.map((file) => `- ${file}`),
    ...foreign.map((file) => `! ${file} is in the way: floe did not write it`),
  ];
  return `${lines.join("\n")}\n${counted(lines.length, "file")} not up to date; floe synth writes ${lines.length === 1 ? "it" : "them"}`;
}

async function patchOf(
  files: FlakeFiles,
  onDisk: ReadonlyMap<string, string>,
  { missing, changed, stale, foreign }: FileDifferences,
): Promise<string> {
  const { createTwoFilesPatch } = await import("diff");
  const patches = [...missing, ...changed, ...foreign, ...stale].sort().map((file) => {
    const [before, after] = [onDisk.get(file), files.get(file)];
    const patch = createTwoFilesPatch(
      before === undefined ? "/dev/null" : `a/${file}`,
      after === undefined ? "/dev/null" : `b/${file}`,
      before ?? "",
      after ?? "",
      "",
      "",
      { context: 3 },
    );
    return patch.replace(/^=+\n/, "").replace(/\t$/gm, "");
  });
  return patches.join("");
}

function paintPatch(patch: string, { colors }: TextOptions): string {
  return patch
    .split("\n")
    .map((line) => {
      if (line.startsWith("+++") || line.startsWith("---")) return colors.bold(line);
      if (line.startsWith("@@")) return colors.cyan(line);
      return line.startsWith("+") ? colors.green(line) : line.startsWith("-") ? colors.red(line) : line;
    })
    .join("\n");
}
