/** Making a dev shell that is not there or not known to be up to date: what an unchanged one does without. */
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import { evaluate, findProject, lastFiles, makeDevShell, prepare } from "../pipeline.ts";
import { nearest } from "../util/nearest.ts";
import { quoteWord } from "../util/quote-word.ts";
import type { Cli } from "./context.ts";
import type { GlobalFlags } from "./flags.ts";
import { textOptions } from "./output.ts";
import { evaluationProblems } from "./problems.ts";
import { withProgress } from "./progress.ts";
import { renderProblem } from "./render/error.ts";
import { sayWritten } from "./written.ts";

/** False when it does not evaluate: that is said, and the exit code is set. @throws UsageError for an unknown name, and what making it throws */
export async function prepareShell(cli: Cli, flags: GlobalFlags, root: string, wanted?: string): Promise<boolean> {
  const lookedAt = Date.now();
  const project = findProject(root);
  cli.projectRoot = project.root;
  return withProgress(cli, flags, async ({ emit }) => {
    const work = { emit, signal: cli.signal };
    const namesOf = (fleet: Fleet) => ({ hosts: [], containers: [], shells: [chosen(fleet, wanted)] });
    const { fleet, written, evaluation: known, remember } = await prepare(project, work, namesOf);
    if (written !== undefined) sayWritten(written, project.root, emit);
    const name = chosen(fleet, wanted);
    const evaluation = known ?? (await evaluate(fleet, namesOf(fleet), work));
    await remember();
    const derivation = evaluation.shells[name];
    if (derivation?.ok !== true) {
      const options = { ...textOptions(cli, flags, "stderr"), withFrames: true };
      for (const problem of evaluationProblems(evaluation, flags))
        cli.process.stderr.write(`${renderProblem(problem, options).join("\n")}\n`);
      cli.exitCode = 1;
      return false;
    }
    const isDefault = chosen(fleet, undefined, name) === name;
    await makeDevShell(fleet, { name, isDefault, derivation: derivation.value, lookedAt }, work);
    return true;
  });
}

/** For `eval` in a .envrc: direnv loads it again when a file of the project changes. */
export function direnvText(root: string, folder: string): string {
  const files = lastFiles(root).map((file) => `watch_file ${quoteWord(join(root, file))}\n`);
  return `${files.join("")}. ${quoteWord(join(folder, "env.bash"))}\n`;
}

// --- internal ---

/** @throws UsageError when the fleet has no such shell */
function chosen(fleet: Fleet, wanted: string | undefined, otherwise?: string): string {
  const names = Object.keys(fleet.shells);
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  if (wanted === undefined && names.includes("default")) return "default";
  const [only, ...others] = names;
  if (wanted === undefined && only !== undefined && others.length === 0) return only;
  if (wanted === undefined && otherwise !== undefined) return "";
  throw new UsageError(
    wanted === undefined ? "The fleet has no default dev shell" : `There is no dev shell named "${wanted}"`,
    { hint: hintFor(wanted, names) },
  );
}

function hintFor(wanted: string | undefined, names: readonly string[]): string {
  if (names.length === 0) return 'Describe one: shells: "./devshells.ts" in floe.config.ts; see docs/shells.md';
  const near = wanted === undefined ? undefined : nearest(wanted, names);
  return near === undefined ? `There are: ${names.join(", ")}` : `Did you mean ${near}?`;
}
