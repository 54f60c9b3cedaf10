/** `floe init`: a small project to begin with, copied from the templates. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { ConfigError, StateError } from "../errors.ts";
import { fleetNameToSay } from "../util/fleet-name.ts";
import { packageRoot } from "../util/package-root.ts";

/** What the project builds on: the embedded base, or nixpkgs from the network. */
export type Base = "firn" | "nixpkgs";

export interface InitResult {
  /** Absolute. */
  readonly folder: string;
  readonly base: Base;
  /** Files written and files that were there already with the same content, relative to `folder`. */
  readonly written: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Writes the project into `folder` (made when it is missing). All or nothing: when one file is there with other content,
 * none is written.
 * @throws ConfigError when a file is in the way, StateError when the folder cannot be written
 */
export function initProject(folder: string, base: Base): InitResult {
  const target = resolve(folder);
  const files = templateFiles(base)
    .map((file) => withName(file, target))
    .map((file) => ({ ...file, path: join(target, file.to) }));
  const present = files.filter((file) => existsSync(file.path));
  refuseConflicts(
    target,
    present.filter((file) => !isSame(file, file.path)).map((file) => file.to),
  );
  const missing = files.filter((file) => !present.includes(file));
  for (const { path, ...file } of missing) copy(file, path);
  return {
    folder: target,
    base,
    written: missing.map((file) => file.to).sort(),
    kept: present.map((file) => file.to).sort(),
  };
}

/** The text of a file that every project has, as `init` writes it. */
export function commonTemplate(file: "package.json" | "tsconfig.json"): string {
  const from = join(packageRoot(), "templates", "common", file);
  return withOwnFloe({ from, to: file }).text ?? readFileSync(from, "utf8");
}

// --- internal ---

interface TemplateFile {
  /** Absolute. */
  readonly from: string;
  /** Relative to the project. */
  readonly to: string;
  /** What is written in place of the file's own text. */
  readonly text?: string;
}

/** What both bases have, what this one has, and firn itself. A later file of the same name wins. */
function templateFiles(base: Base): TemplateFile[] {
  const root = packageRoot();
  const templates = ["common", base].flatMap((name) => below(join(root, "templates", name), realName));
  const firn = base === "firn" ? below(join(root, "firn"), (path) => join("firn", path)) : [];
  return [...new Map([...templates, ...firn].map((file) => [file.to, file])).values()].map(withOwnFloe);
}

/** A floe that is not installed by npm, but runs from its own folder, is named by that folder: npm would look for it in the registry. */
function withOwnFloe(file: TemplateFile): TemplateFile {
  const root = packageRoot();
  if (file.to !== "package.json" || root.includes("/node_modules/")) return file;
  return {
    ...file,
    text: readFileSync(file.from, "utf8").replace(/"floe": "[^"]*"/, `"floe": ${JSON.stringify(`file:${root}`)}`),
  };
}

/** What Incus has belongs to the fleet by its name: it must not change when the folder is called otherwise some day. */
function withName(file: TemplateFile, target: string): TemplateFile {
  if (file.to !== "floe.config.ts") return file;
  const folder = basename(target);
  const name = fleetNameToSay(folder) ?? folder;
  return { ...file, text: readFileSync(file.from, "utf8").replace("fleet({\n", `fleet({\n  name: "${name}",\n`) };
}

function below(folder: string, rename: (path: string) => string): TemplateFile[] {
  return filesBelow(folder).map((file) => ({ from: file, to: rename(relative(folder, file)) }));
}

/** npm leaves `.gitignore` out of packages, so templates call it `_gitignore`; the same for every name that begins with an underscore. */
function realName(path: string): string {
  return path.replace(/(^|\/)_(?=[^/]+$)/, "$1.");
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function refuseConflicts(folder: string, conflicts: readonly string[]): void {
  if (conflicts.length === 0) return;
  const shown = conflicts
    .slice(0, 5)
    .map((file) => `"${file}"`)
    .join(", ");
  const more = conflicts.length > 5 ? ` and ${conflicts.length - 5} more` : "";
  throw new ConfigError(
    `Cannot start a project in "${folder}": ${shown}${more} ${conflicts.length === 1 ? "is" : "are"} there already`,
    {
      hint: "Nothing was written. Name an empty folder: floe init DIR",
      details: { conflicts },
    },
  );
}

function isSame({ from, text }: TemplateFile, path: string): boolean {
  return (
    statSync(path).isFile() && readFileSync(path).equals(text === undefined ? readFileSync(from) : Buffer.from(text))
  );
}

function copy({ from, text }: TemplateFile, to: string): void {
  try {
    mkdirSync(dirname(to), { recursive: true });
    if (text === undefined) cpSync(from, to, { dereference: true, mode: 0 });
    else writeFileSync(to, text);
  } catch (error) {
    throw new StateError(`Cannot write "${to}": ${(error as Error).message}`, {
      hint: "Check the folder's permissions and the free space",
      cause: error,
    });
  }
}
