/** fmt and lint. What needs Nix is imported where it is used: most formatting needs none. */
import type { Project } from "../config/project-above.ts";
import { openTrace } from "../config/recall.ts";
import { recallTooling, rememberTooling, type ToolingFleet, toolingSources } from "../config/recall-tooling.ts";
import { type FormatRequest, formatFiles } from "../format/format-files.ts";
import { askForListing, takeListing } from "../format/listing.ts";
import type { ToolsReport } from "../format/run-tools.ts";
import type { Fleet } from "../model/fleet.ts";
import { build as floeBuild } from "../version.ts";
import { load } from "./load.ts";
import { cacheDir, type Work } from "./work.ts";

export type { ToolsReport } from "../format/run-tools.ts";

/** Formats or checks a whole project, and makes floe's front answer the next time while nothing has changed. @throws as `formatProject` */
export async function formatWhole(
  project: Project,
  { fix }: { readonly fix: boolean },
  work: Work,
): Promise<ToolsReport> {
  const begunMs = Date.now();
  const { root } = project;
  // Beside what is read meanwhile.
  const listing = takeListing(cacheDir(root)) ?? askForListing(root, work.signal);
  const fleet = await loadTooling(project, work);
  const what = { kind: "format", fix, staged: false, paths: [], listing } as const;
  const report = await formatProject(fleet, what, work);
  if (hasNothingToDo(report)) await noteClean({ project, begunMs, report, listing: await listing });
  return report;
}

/** load: what `formatProject` needs of the fleet, from memory where the project's TypeScript is unchanged. @throws ConfigError */
export async function loadTooling(project: Project, work: Work): Promise<Fleet | ToolingFleet> {
  const known = recallTooling(project);
  if (known !== undefined) return known;
  const trace = openTrace();
  const fleet = await load(project, work, trace);
  rememberTooling(fleet, project, trace);
  return fleet;
}

/**
 * Formats or checks the project's files with the fleet's tools; where it names none, with the formatter of an existing flake. @throws FloeError when
 * there is none, or git fails
 */
export async function formatProject(
  fleet: Fleet | ToolingFleet,
  what: Pick<FormatRequest, "kind" | "fix" | "staged" | "paths" | "listing">,
  { emit, signal }: Work,
): Promise<ToolsReport> {
  const isWhole = "hosts" in fleet;
  const program =
    isWhole && what.kind === "format"
      ? await (await import("./flake-formatter.ts")).flakeFormatterOf(fleet, { emit, signal })
      : undefined;
  if (program !== undefined) {
    const { runFlakeFormatter } = await import("../format/flake-formatter.ts");
    return runFlakeFormatter(program, { ...what, root: fleet.root, signal });
  }
  const { root, inputs, tooling = { format: [], lint: [], exclude: [] } } = fleet;
  const nixpkgs = inputs["nixpkgs"]?.kind === "url" ? "nixpkgs" : undefined;
  return formatFiles({ ...what, root, cacheDir: cacheDir(root), nixpkgs, tooling, signal });
}

// --- internal ---

/** What a tool saw while it was changed is not known: only of files that none had to look at it is certain that they are well. */
function hasNothingToDo({ looked, changed, findings, missing, files }: ToolsReport): boolean {
  return files > 0 && looked + changed.length + findings.length + missing.length === 0;
}

interface Clean {
  readonly project: Project;
  readonly begunMs: number;
  readonly report: ToolsReport;
  readonly listing: string | undefined;
}

async function noteClean({ project, begunMs, report: { programs, files }, listing }: Clean): Promise<void> {
  const { root } = project;
  const { writeCleanMark } = await import("../format/clean-mark.ts");
  const sources = toolingSources(project);
  if (floeBuild === undefined || programs === undefined || listing === undefined || sources === undefined) return;
  writeCleanMark({
    ...{ root, cacheDir: cacheDir(root), build: floeBuild, begunMs, listing },
    files: `${files} file${files === 1 ? "" : "s"}`,
    watched: [...programs, ...sources],
  });
}
