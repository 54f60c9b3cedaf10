/** ci: the workflow of a forge, and what differs from another commit. */
import { join } from "node:path";
import type { Side } from "../ci/compare.ts";
import type { Comparison } from "../ci/comparison.ts";
import { projectIn } from "../config/project-above.ts";
import { FloeError } from "../errors.ts";
import type { Evaluation } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";
import { readText } from "../util/files.ts";
import { asAnswer } from "./as-answer.ts";
import { evaluate, evaluateIn } from "./evaluate.ts";
import { loadFleet } from "./load.ts";
import { allNames, builtNames } from "./names.ts";
import { nixOf } from "./nix-of.ts";
import type { Work } from "./work.ts";
import { synthFlake } from "./write.ts";

/** The workflow of a forge, and what its jobs hand on. */
export async function ci(): Promise<typeof import("../ci/ci.ts")> {
  return import("../ci/ci.ts");
}

/**
 * compare: what differs from the fleet as another commit has it, and the evaluation of all that is here. The flake files must be written; the
 * work tree stays as it is. @throws UsageError for a name that git does not know, NixError when the flake does not evaluate
 */
export async function compareWith(
  fleet: Fleet,
  ref: string,
  work: Work,
): Promise<{ readonly comparison: Comparison; readonly evaluation: Evaluation }> {
  const [{ findBase, withTreeOf }, { compareSides }, nix] = await Promise.all([
    import("../ci/base.ts"),
    import("../ci/compare.ts"),
    nixOf(fleet),
  ]);
  const { signal } = work;
  const place = { root: fleet.root, signal };
  const base = await findBase(ref, place);
  const evaluation = await evaluate(fleet, allNames(fleet), work);
  const after: Side = { fleet, evaluation, lock: readText(join(fleet.root, "flake.lock")) };
  const before =
    base.commit === undefined
      ? undefined
      : await withTreeOf(base.commit, place, (folder) => sideIn(folder, fleet.root, work).catch(asAnswer));
  const shown =
    before instanceof FloeError
      ? { ...base, problem: `the project as of ${base.commit?.slice(0, 7)} cannot be read: ${before.message}` }
      : base;
  const side = before instanceof FloeError ? undefined : before;
  return { comparison: await compareSides(shown, side, after, { nix, signal }), evaluation };
}

// --- internal ---

/** The project in another folder, evaluated with the caches of the one in `root`; undefined where none was there yet. */
async function sideIn(folder: string, root: string, work: Work): Promise<Side | undefined> {
  if (projectIn(folder) === undefined) return undefined;
  const fleet = await loadFleet(folder);
  if (readText(join(folder, "flake.nix")) === undefined)
    (await import("../synth/write.ts")).writeFiles(folder, await synthFlake(fleet));
  const names = builtNames(fleet, allNames(fleet));
  const evaluation = await evaluateIn(folder, { ...fleet, root }, names, { ...work, emit: () => {} });
  return { fleet, evaluation, lock: readText(join(folder, "flake.lock")) };
}
