/** Telling what synth wrote, in one line. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fleetFile } from "../model/taken-over.ts";
import type { FileDifferences } from "../pipeline.ts";
import type { Emit } from "../report/events.ts";
import { listed } from "./render/words.ts";

/** The line for people; undefined when the disk was up to date. New files have to be added to git by the user, which is said once. */
export function writtenLine({ missing, changed, stale, same }: FileDifferences, root: string): string | undefined {
  const written = [...missing, ...changed];
  const parts = [
    ...(written.length > 0 ? [`Wrote ${some(written)}`] : []),
    ...(stale.length > 0 ? [`removed ${some(stale)}`] : []),
  ];
  if (parts.length === 0) return undefined;
  const isNews = missing.length > 0 && isInGit(root);
  const ownsFlake = [...written, ...same].includes("flake.nix");
  const git = isNews ? `; new files are for git: git add ${ownsFlake ? "flake.nix " : ""}nix` : "";
  const advice = missing.includes(fleetFile) ? `; how flake.nix takes it over is said in ${fleetFile}` : "";
  return `${parts.join(", ")}${git}${advice}`;
}

export function sayWritten(differences: FileDifferences, root: string, emit: Emit): void {
  const text = writtenLine(differences, root);
  if (text !== undefined) emit({ type: "message", level: "info", text });
}

/** All names up to four, else a count. */
function some(files: readonly string[]): string {
  return files.length <= 4 ? listed(files) : `${files.length} flake files`;
}

function isInGit(folder: string): boolean {
  if (existsSync(join(folder, ".git"))) return true;
  return dirname(folder) !== folder && isInGit(dirname(folder));
}
