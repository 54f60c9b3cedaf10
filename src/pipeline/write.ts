/** synth, write: the flake files that a fleet becomes. */
import { join } from "node:path";
import { SynthError } from "../errors.ts";
import { builtContainers, type Fleet } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { inPhase } from "../report/in-phase.ts";
import type { FileDifferences } from "../synth/files.ts";
import type { FlakeFiles } from "../synth/synth.ts";
import type { WholeTreeRead } from "../synth/whole-tree.ts";
import { readText } from "../util/files.ts";
import { cacheDir, type Work } from "./work.ts";

/** synth: what flake.nix and nix/ should hold. @throws SynthError */
export async function synthFlake(fleet: Fleet): Promise<FlakeFiles> {
  return (await import("../synth/synth.ts")).synthFlake(fleet);
}

/** What is on disk of these files, and every `.nix` file under `nix/`. */
export async function readGenerated(root: string, files: FlakeFiles): Promise<Map<string, string>> {
  return (await import("../synth/write.ts")).readGenerated(root, files);
}

/**
 * Values that no option takes: numbers out of range, text of the wrong form, relative paths. Known where the options are, from the last `floe types`
 * or `floe check`; starts no nix.
 */
export async function wrongValues(fleet: Fleet): Promise<Problem[]> {
  const [{ recallDump }, { fleetLiterals }] = await Promise.all([
    import("../types/recall-dump.ts"),
    import("../types/fleet-literals.ts"),
  ]);
  const dump = recallDump(cacheDir(fleet.root));
  const problems = dump === undefined ? [] : fleetLiterals(fleet, dump);
  if (dump === undefined || problems.length === 0) return problems;
  const { loadWithPlaces } = await import("../diagnose/diagnose.ts");
  const placed = await loadWithPlaces(fleet.root);
  return placed === undefined ? problems : fleetLiterals(placed, dump);
}

/**
 * synth, write: brings flake.nix and nix/ on disk up to date. With `anyValue` also where an option cannot take what it is given: Nix will say so.
 * @throws SynthError, also when a file of the user's is in the way
 */
export async function writeFlake(
  fleet: Fleet,
  work: Pick<Work, "emit">,
  { anyValue = false } = {},
): Promise<FileDifferences> {
  return inPhase("synth", work, async () => {
    if (!anyValue) refuse(await wrongValues(fleet));
    const files = await synthFlake(fleet);
    const { writeFiles } = await import("../synth/write.ts");
    return writeFiles(fleet.root, files);
  });
}

/** The machines that change with every commit, and where they ask for what does. */
export async function wholeTreeReads(fleet: Fleet): Promise<WholeTreeRead[]> {
  const { findWholeTreeReads } = await import("../synth/whole-tree.ts");
  return findWholeTreeReads({ ...fleet, containers: builtContainers(fleet) }, (path) =>
    readText(join(fleet.root, path)),
  );
}

// --- internal ---

/** @throws SynthError with all of them */
function refuse(problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  const { message, hint, file, line, column } = first;
  if (others.length === 0)
    throw new SynthError(`Option ${message}`, {
      hint,
      at: file === undefined ? undefined : { file, line: line ?? 1, column: column ?? 1 },
      details: { problems },
    });
  const lines = problems.map((each) => `  ${each.file}:${each.line}:${each.column}: ${each.message}`);
  throw new SynthError(`${problems.length} options cannot be set to what they are:\n${lines.join("\n")}`, {
    details: { problems },
  });
}
