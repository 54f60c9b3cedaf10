/** format and lint of a project's files: which are meant, which tools are for them, and what came of it. */
import { FloeError } from "../errors.ts";
import type { Tooling } from "../model/tooling.ts";
import { assign, listFiles, wantedOf } from "./files.ts";
import type { ToolPlace } from "./find-tool.ts";
import { askForListing, readListing } from "./listing.ts";
import { type Finding, type RunTools, runTools, type ToolsReport } from "./run-tools.ts";
import { partlyStaged, stage, withStagedTree } from "./staged-tree.ts";

export interface FormatRequest extends ToolPlace {
  readonly tooling: Tooling;
  readonly kind: "format" | "lint";
  readonly fix: boolean;
  readonly staged: boolean;
  /** Relative to the root; empty: everything. */
  readonly paths: readonly string[];
  /** Where somebody asked for it already. */
  readonly listing?: string | Promise<string | undefined> | undefined;
}

/** @throws FloeError when no tool is declared, or git is needed and fails; CancelledError */
export async function formatFiles(request: FormatRequest): Promise<ToolsReport> {
  const { root, tooling, kind, staged, paths, signal } = request;
  if (tooling[kind].length === 0)
    throw new FloeError(`The fleet has no ${kind === "format" ? "formatters" : "linters"}`, {
      hint:
        kind === "format"
          ? 'Name them in floe.config.ts: format: { "*.nix": "nixfmt", "*.{ts,json}": "prettier" }'
          : 'Name them in floe.config.ts: lint: { "*.sh": "shellcheck", "*.nix": ["statix", "deadnix"] }',
    });
  const listing = staged ? undefined : await (request.listing ?? askForListing(root, signal));
  const known = listing === undefined ? undefined : readListing(listing);
  const all = known?.files ?? (await listFiles({ root, signal, staged: false, paths: [] }));
  const files = staged ? await listFiles({ root, paths, signal, staged }) : wantedOf(all, paths);
  const blobs = known?.blobs ?? new Map();
  const work: RunTools = { ...request, assigned: assign(files, tooling[kind], tooling), all, blobs };
  if (!request.fix)
    return staged ? withStagedTree(root, signal, (filesRoot) => runTools({ ...work, filesRoot })) : runTools(work);
  return staged ? fixStaged(work) : fixAll(work);
}

// --- internal ---

async function fixAll(work: RunTools): Promise<ToolsReport> {
  const fixed = await runTools(work);
  if (work.kind === "format") return fixed;
  // What git said was before the change.
  const left = await runTools({ ...work, fix: false, blobs: new Map() });
  return { ...left, looked: Math.max(fixed.looked, left.looked), changed: fixed.changed };
}

/** What is changed is staged again. Files of which only a part is staged are left alone: their other part must not get into the commit. */
async function fixStaged(work: RunTools): Promise<ToolsReport> {
  const partly = await partlyStaged(work.root, work.signal);
  const whole = new Map([...work.assigned].map(([tool, files]) => [tool, files.filter((file) => !partly.has(file))]));
  const report = await fixAll({ ...work, assigned: whole });
  await stage(work.root, report.changed, work.signal);
  const left = [...work.assigned].flatMap(([tool, files]) =>
    files
      .filter((file) => partly.has(file))
      .map(
        (file): Finding => ({
          file,
          tool: tool.name,
          kind: "failed",
          output: "Left alone: it also has changes that are not staged",
        }),
      ),
  );
  return { ...report, findings: [...report.findings, ...left] };
}
