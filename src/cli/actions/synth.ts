import type { Fleet } from "../../model/fleet.ts";
import {
  ci,
  compareFiles,
  type FileDifferences,
  type FlakeFiles,
  hooks,
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
  const { files, onDisk, differences, beside } = await withProgress(this, flags, async ({ emit }) => {
    const fleet = await load(project, { emit, signal: this.signal });
    const files = await synthFlake(fleet);
    const onDisk = await readGenerated(project.root, files);
    const differences = isDry ? compareFiles(files, onDisk) : await writeFlake(fleet, { emit });
    return { files, onDisk, differences, beside: await besideFlake(fleet, isDry, this.signal) };
  });
  const current = isCurrent(differences) && !beside.some(isStale);
  const patch = flags.diff ? await patchOf(files, onDisk, differences) : "";
  writeResult(
    this,
    flags,
    "synth",
    {
      ...differences,
      ...Object.fromEntries(beside.map(({ what, file, state }) => [what, { file, state }])),
      current,
      written: !isDry,
      ...(flags.diff ? { patch } : {}),
    },
    (options) =>
      (flags.diff && patch !== "" ? paintPatch(patch, options) : `${describe(differences, isDry, project.root)}\n`) +
      beside
        .filter(isStale)
        .map((one) => describeBeside(one, isDry))
        .join(""),
  );
  this.exitCode = flags.check && !current ? 1 : 0;
}

// --- internal ---

/** A file that goes with the flake files: its state before anything was written. */
interface Beside {
  readonly what: "workflow" | "preCommit";
  readonly file: string;
  readonly state: string;
}

/** The workflow of `floe ci github` and the configuration of `floe hooks install --pre-commit`; what is stale is written again, unless the run is dry. */
async function besideFlake(fleet: Fleet, isDry: boolean, signal: AbortSignal): Promise<Beside[]> {
  const [{ workflowOf, refreshWorkflow }, { preCommitState, refreshHooks }] = await Promise.all([ci(), hooks()]);
  const place = { root: fleet.root, signal };
  const preCommit = await preCommitState(fleet.tooling, place);
  const beside: Beside[] = [
    { what: "workflow", ...(await workflowOf(fleet, signal)) },
    ...(preCommit === undefined ? [] : [{ what: "preCommit" as const, ...preCommit }]),
  ];
  if (!isDry && beside.some(isStale)) {
    await refreshWorkflow(fleet, signal);
    await refreshHooks(fleet.tooling, place);
  }
  return beside;
}

function isStale({ state }: Beside): boolean {
  return state === "stale";
}

function describeBeside({ file }: Beside, isDry: boolean): string {
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
