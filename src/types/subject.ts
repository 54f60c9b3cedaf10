/** Whose options are read, and what they depend on. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import type { Fleet } from "../model/fleet.ts";
import type { NixTool } from "../nix/find.ts";
import { localSystem } from "../nix/system.ts";
import { declaringText } from "./declaring.ts";
import { optionsNix, packagesNix } from "./dump-nix.ts";

/** The machines of a project, and of its generated files what matters for options. */
export interface TypeSubject {
  readonly machines: readonly TypedMachine[];
  /** What a generated file declares, by its path in the project. Files that are not in here count as a whole. */
  readonly declaring: Readonly<Record<string, string>>;
}

/** A member of `nixosConfigurations`. Machines with equal `declaring` have the same options; one of them is read. */
export interface TypedMachine {
  readonly name: string;
  readonly declaring: string;
}

/** Raised when what is written changes. */
const FORMAT = 1;

export function subjectOf(fleet: Fleet): TypeSubject {
  const machines = [...Object.values(fleet.hosts), ...Object.values(fleet.containers)];
  const modules = [...machines.map(({ module }) => module), ...Object.values(fleet.modules)];
  return {
    machines: machines.map(({ name, system, module }) => ({
      name,
      declaring: `${system} ${folderOf(module.file)} ${declaringText(module)}`,
    })),
    declaring: Object.fromEntries(modules.map((module) => [module.file, declaringText(module)])),
  };
}

/** One machine for each set of modules, by name. */
export function representatives(machines: readonly TypedMachine[]): string[] {
  const first = new Map<string, string>();
  for (const { name, declaring } of [...machines].sort((a, b) => (a.name < b.name ? -1 : 1)))
    if (!first.has(declaring)) first.set(declaring, name);
  return [...first.values()];
}

/**
 * Everything the types depend on, as one hash: the staged project with flake.lock and the inputs that lie in it, nix, and floe's own part. Of a
 * generated module only what declares something counts, and TypeScript and Markdown do not count, so that most edits leave the types as they are.
 */
export function typesKey(stage: string, subject: TypeSubject, nix: Pick<NixTool, "version">): string {
  const hash = createHash("sha256");
  hash.update(
    JSON.stringify([FORMAT, optionsNix, packagesNix, nix.version, localSystem(), representatives(subject.machines)]),
  );
  for (const entry of readdirSync(stage, { withFileTypes: true, recursive: true }).sort((a, b) =>
    pathOf(a) < pathOf(b) ? -1 : 1,
  )) {
    const path = pathOf(entry);
    const name = relative(stage, path);
    if (entry.isDirectory() || /\.([mc]?tsx?|md)$/.test(name)) continue;
    hash
      .update(`\0${name}\0`)
      .update(subject.declaring[name] ?? (entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path)));
  }
  return hash.digest("hex");
}

// --- internal ---

function pathOf(entry: { readonly parentPath: string; readonly name: string }): string {
  return join(entry.parentPath, entry.name);
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/"));
}
