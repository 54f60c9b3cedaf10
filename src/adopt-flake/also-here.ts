/** Tools beside the flake that floe has a verb for. Looks at files only; nothing is changed. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readText } from "../util/files.ts";
import { fileState } from "../util/owned-file.ts";

export interface AlsoHere {
  /** Relative to the flake. */
  readonly file: string;
  readonly what: string;
  /** The verb that does the same. */
  readonly verb: string;
}

export function alsoHere(root: string): AlsoHere[] {
  return [
    ...named(
      root,
      [".pre-commit-config.yaml", ".pre-commit-config.yml"],
      "checks before each commit",
      "floe hooks install",
    ),
    ...workflows(root),
    ...named(root, ["treefmt.toml", ".treefmt.toml", "treefmt.nix"], "formatters by file", "floe fmt"),
    ...named(root, [".envrc"], "direnv enters a dev shell", "floe shell"),
    ...scripts(root),
  ];
}

// --- internal ---

/** Larger files are no scripts. */
const LARGEST = 100_000;
/** The first that fits says what a script is for. */
const PURPOSES: readonly (readonly [pattern: RegExp, what: string, verb: string])[] = [
  [/\bincus\s+image\s+import\b|\blxc\s+image\s+import\b/, "imports images into Incus", "floe apply"],
  [/\bnixos-rebuild\b/, "switches hosts", "floe switch"],
  [/\bhome-manager\s+switch\b/, "switches homes", "floe switch"],
  [/\bnix\s+flake\s+update\b|\bnix\s+flake\s+lock\b/, "updates inputs", "floe update"],
  [
    /\b(nixfmt|nixpkgs-fmt|alejandra|statix|deadnix|prettier|black|isort|eslint|pylint)\b/,
    "formats or checks files",
    "floe fmt, floe lint",
  ],
  [/\bnix\s+develop\b/, "enters a dev shell", "floe shell"],
];
const WORKFLOW = "a GitHub workflow with nix; floe writes floe.yml beside it";
const SCRIPT_FOLDERS = ["", "scripts", "bin", "tools", "utils", "hack"];
const SCRIPT_NAME = /(?:\.(?:sh|bash|fish|py)|^(?:[Jj]ustfile|[Mm]akefile|Taskfile\.ya?ml|[a-z][a-z-]*))$/;

function named(root: string, files: readonly string[], what: string, verb: string): AlsoHere[] {
  return files.filter((file) => existsSync(join(root, file))).map((file) => ({ file, what, verb }));
}

function workflows(root: string): AlsoHere[] {
  const folder = ".github/workflows";
  return filesIn(root, folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .filter((name) => /\bnix\b/i.test(readText(join(root, folder, name)) ?? ""))
    .filter((name) => fileState(join(root, folder, name)) !== "own")
    .map((name) => ({ file: `${folder}/${name}`, what: WORKFLOW, verb: "floe ci github" }));
}

function scripts(root: string): AlsoHere[] {
  return SCRIPT_FOLDERS.flatMap((folder) =>
    filesIn(root, folder)
      .filter((name) => SCRIPT_NAME.test(name))
      .flatMap((name) => {
        const file = folder === "" ? name : `${folder}/${name}`;
        const purpose = purposeOf(join(root, file));
        return purpose === undefined ? [] : [{ file, ...purpose }];
      }),
  );
}

function purposeOf(path: string): Omit<AlsoHere, "file"> | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > LARGEST) return undefined;
  const text = readText(path) ?? "";
  const found = PURPOSES.find(([pattern]) => pattern.test(text));
  return found && { what: found[1], verb: found[2] };
}

function filesIn(root: string, folder: string): string[] {
  try {
    return readdirSync(join(root, folder)).sort();
  } catch {
    return [];
  }
}
