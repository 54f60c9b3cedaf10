/** The files that make a folder with a flake a project of floe; what a person wrote stays. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { commonTemplate } from "../init/init-project.ts";
import { readText, writeFileWhole } from "../util/files.ts";
import { fleetNameToSay } from "../util/fleet-name.ts";
import { configText, containerFiles } from "./config-text.ts";
import type { Found } from "./found.ts";

/** A file that is written, or to which lines are added. */
export interface PlannedFile {
  /** Relative to the project. */
  readonly file: string;
  readonly action: "create" | "append";
  /** All of it, as it will be. */
  readonly text: string;
  /** What it is for, or what is added. */
  readonly why: string;
}

export interface PlannedFiles {
  readonly files: readonly PlannedFile[];
  /** Files of the user's that would have been written, with what they may want. */
  readonly kept: readonly { readonly file: string; readonly why: string }[];
}

/** `running`: names of containers that are instances already; these are to be taken over into files beside those that are written. */
export function planFiles(root: string, found: Found, running: readonly string[]): PlannedFiles {
  const inFiles = running.length > 0 && !existsSync(join(root, "containers"));
  const containers = inFiles ? [...containerFiles(found)] : [];
  const ignored = ignoreFile(root);
  const templates = ["package.json", "tsconfig.json"] as const;
  const missing = templates.filter((file) => !existsSync(join(root, file)));
  return {
    files: [
      {
        file: "floe.config.ts",
        action: "create",
        text: configText(found, { inFiles, name: fleetNameToSay(basename(root)) }),
        why: "the fleet: what the flake has, by name",
      },
      ...containers.map(
        ([file, text]): PlannedFile => ({ file, action: "create", text, why: "an image of the flake" }),
      ),
      ...missing.map(
        (file): PlannedFile => ({ file, action: "create", text: commonTemplate(file), why: PURPOSE[file] }),
      ),
      ...(ignored === undefined ? [] : [ignored]),
    ],
    kept: templates.filter((file) => !missing.includes(file)).flatMap((file) => keptOf(root, file)),
  };
}

/** @throws StateError when one cannot be written */
export function writePlanned(root: string, files: readonly PlannedFile[]): void {
  for (const { file, text } of files) writeFileWhole(join(root, file), text);
}

// --- internal ---

const PURPOSE = {
  "package.json": "floe and TypeScript, for npm install",
  "tsconfig.json": "for the editor and floe check",
} as const;

function ignoreFile(root: string): PlannedFile | undefined {
  const before = readText(join(root, ".gitignore"));
  const lines = (before ?? "").split("\n").map((line) => line.trim().replace(/^\/|\/$/g, ""));
  const added = [".floe", "node_modules"].filter((name) => !lines.includes(name)).map((name) => `${name}/`);
  if (added.length === 0) return undefined;
  const base = before === undefined || before === "" || before.endsWith("\n") ? (before ?? "") : `${before}\n`;
  return {
    file: ".gitignore",
    action: before === undefined ? "create" : "append",
    text: `${base}${added.join("\n")}\n`,
    why: added.join(", "),
  };
}

function keptOf(root: string, file: keyof typeof PURPOSE): { readonly file: string; readonly why: string }[] {
  const text = readText(join(root, file)) ?? "";
  if (file === "package.json")
    return /"floe"\s*:/.test(text) ? [] : [{ file, why: "add floe: npm install --save-dev floe typescript" }];
  return [{ file, why: "let it include floe.config.ts, with allowImportingTsExtensions" }];
}
