/** fmt and lint. What needs Nix is imported where it is used: most formatting needs none. */
import type { Project } from "../config/project-above.ts";
import { openTrace } from "../config/recall.ts";
import type { ToolingFleet } from "../config/recall-tooling.ts";
import type { FormatRequest } from "../format/format-files.ts";
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
  const fleet = await loadTooling(project, work);
  const report = await formatProject(fleet, { kind: "format", fix, staged: false, paths: [] }, work);
  const { changed, findings, missing, programs, files } = report;
  if (floeBuild === undefined || programs === undefined || files === 0) return report;
  if ([changed, findings, missing].some((one) => one.length > 0)) return report;
  const [{ writeCleanMark }, { toolingSources }] = await Promise.all([
    import("../format/clean-mark.ts"),
    import("../config/recall-tooling.ts"),
  ]);
  const sources = toolingSources(project);
  if (sources === undefined) return report;
  await writeCleanMark({
    ...{ root, cacheDir: cacheDir(root), build: floeBuild, begunMs, signal: work.signal },
    files: `${files} file${files === 1 ? "" : "s"}`,
    watched: [...programs, ...sources],
  });
  return report;
}

/** load: what `formatProject` needs of the fleet, from memory where the project's TypeScript is unchanged. @throws ConfigError */
export async function loadTooling(project: Project, work: Work): Promise<Fleet | ToolingFleet> {
  const { recallTooling, rememberTooling } = await import("../config/recall-tooling.ts");
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
  what: Pick<FormatRequest, "kind" | "fix" | "staged" | "paths">,
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
  const { formatFiles } = await import("../format/format-files.ts");
  const { root, inputs, tooling = { format: [], lint: [], exclude: [] } } = fleet;
  const nixpkgs = inputs["nixpkgs"]?.kind === "url" ? "nixpkgs" : undefined;
  return formatFiles({ ...what, root, cacheDir: cacheDir(root), nixpkgs, tooling, signal });
}
