/** Whose options are read, and what they depend on. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";
import type { Container, Fleet, Home, Host } from "../model/fleet.ts";
import { hasHeader } from "../model/header.ts";
import type { NixValueTree } from "../model/nix-module.ts";
import { configuredContainers } from "../model/taken-over.ts";
import type { NixTool } from "../nix/find.ts";
import { localSystem } from "../nix/system.ts";
import { printExpr } from "../nixlang/print.ts";
import { declaringText } from "./declaring.ts";
import { optionsNix, packagesNix } from "./dump-nix.ts";

/** The machines of a project, and of its generated files what matters for options. */
export interface TypeSubject {
  readonly machines: readonly TypedMachine[];
  /** What the modules that floe writes declare, by the file's path in the project. */
  readonly declaring: Readonly<Record<string, string>>;
  /** What matters of the flake itself: its inputs, and what machines may ask of it. */
  readonly flake: string;
}

/** A machine or home. Those of one kind with equal `declaring` have the same options; one of them is read. */
export interface TypedMachine {
  readonly kind: "host" | "container" | "home";
  readonly name: string;
  readonly declaring: string;
}

/** Raised when what is written changes. */
const FORMAT = 2;

export function subjectOf(fleet: Fleet): TypeSubject {
  const machines = [
    ...Object.values(fleet.hosts).map((made) => ({ kind: "host" as const, made })),
    ...Object.values(configuredContainers(fleet)).map((made) => ({ kind: "container" as const, made })),
    ...Object.values(fleet.homes ?? {}).map((made) => ({ kind: "home" as const, made })),
  ];
  const modules = [...machines.map(({ made }) => made.module), ...Object.values(fleet.modules)];
  return {
    machines: machines.map(({ kind, made }) => ({ kind, name: made.name, declaring: declaringOf(made, fleet.root) })),
    declaring: Object.fromEntries(modules.map((module) => [module.file, declaringText(module)])),
    flake: JSON.stringify([fleet.inputs, textOf(fleet.outputs?.overlays), textOf(fleet.outputs?.nixosModules)]),
  };
}

/** One machine for each set of modules, by name, with those that are like it: all have the same options. */
export function representatives(
  machines: readonly TypedMachine[],
): (TypedMachine & { readonly like: readonly string[] })[] {
  const groups = new Map<string, TypedMachine[]>();
  for (const machine of [...machines].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = `${machine.kind === "home"} ${machine.declaring}`;
    groups.set(key, [...(groups.get(key) ?? []), machine]);
  }
  return [...groups.values()].map(([first, ...others]) => ({
    ...(first as TypedMachine),
    like: others.map(({ name }) => name),
  }));
}

/**
 * Everything the types depend on, as one hash: the staged project with flake.lock and the inputs that lie in it, nix, and floe's own part. Of the
 * files that floe writes only what declares something counts, whether they are written yet or not, and TypeScript and Markdown do not count: most
 * edits leave the types as they are.
 */
export function typesKey(stage: string, subject: TypeSubject, nix: Pick<NixTool, "version">): string {
  const hash = createHash("sha256");
  const read = representatives(subject.machines).map(({ kind, name, declaring }) => [kind, name, declaring]);
  hash.update(JSON.stringify([FORMAT, optionsNix, packagesNix, nix.version, localSystem(), read, subject.flake]));
  for (const [file, text] of Object.entries(subject.declaring).sort()) hash.update(`\0${file}\0${text}`);
  for (const entry of readdirSync(stage, { withFileTypes: true, recursive: true }).sort((a, b) =>
    pathOf(a) < pathOf(b) ? -1 : 1,
  )) {
    const path = pathOf(entry);
    const name = relative(stage, path);
    if (entry.isDirectory() || /\.([mc]?tsx?|md)$/.test(name)) continue;
    const content = entry.isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
    if (isGenerated(name, content)) continue;
    hash.update(`\0${name}\0`).update(content);
  }
  return hash.digest("hex");
}

// --- internal ---

function pathOf(entry: { readonly parentPath: string; readonly name: string }): string {
  return join(entry.parentPath, entry.name);
}

/** What decides which options and packages there are, as text. */
function declaringOf(
  { from, system, module, packages, specialArgs = [] }: Host | Container | Home,
  root: string,
): string {
  // What the modules of an existing flake declare is not looked into.
  if (from !== undefined) return JSON.stringify(from);
  const readNix = (path: string): string | undefined => readText(join(root, folderOf(module.file), path));

  const trees = [packages?.config, ...(packages?.overlays ?? []), ...specialArgs];
  return [system, folderOf(module.file), declaringText(module, readNix), ...trees.map(textOf)].join("\n");
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function isGenerated(name: string, content: Buffer | string): boolean {
  const isOurs = name === "flake.nix" || (name.startsWith("nix/") && name.endsWith(".nix"));
  return isOurs && hasHeader(typeof content === "string" ? content : content.toString("utf8", 0, 1000));
}

function textOf(tree: NixValueTree | undefined): string {
  return tree === undefined ? "" : printExpr(tree);
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/"));
}
