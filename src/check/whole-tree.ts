/**
 * Hosts and containers whose configuration reads the whole project: `inputs.self.rev`, `inputs.self` as a path. They are new with every
 * commit, whatever it changes. Only what the modules of the project say themselves is looked at; a module of an input could read it too.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findReads } from "../diagnose/definitions.ts";
import { importedFiles, machineModules } from "../diagnose/modules.ts";
import { placeAt } from "../diagnose/nix-text.ts";
import { exactColumn } from "../diagnose/places.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";

/** What a flake knows of itself that changes with every commit. */
const changing: ReadonlySet<string> = new Set([
  "rev",
  "shortRev",
  "dirtyRev",
  "dirtyShortRev",
  "revCount",
  "lastModified",
  "lastModifiedDate",
  "narHash",
  "outPath",
  "sourceInfo",
]);

/** A note for each place, with the machines that it concerns. */
export function wholeTreeNotes(fleet: Fleet): Problem[] {
  const notes = new Map<string, { readonly machines: string[]; readonly problem: Omit<Problem, "subject"> }>();
  const machines = [
    ...Object.keys(fleet.hosts).map((name) => ["host", name] as const),
    ...Object.keys(fleet.containers).map((name) => ["container", name] as const),
  ];
  for (const [kind, name] of machines) {
    for (const { what, ...place } of readsOf(fleet, name)) {
      const key = `${place.file}:${place.line}:${place.column}`;
      const note = notes.get(key) ?? {
        machines: [],
        problem: { message: `It reads ${what}, and so is new with every commit`, ...place },
      };
      notes.set(key, note);
      note.machines.push(`${kind} ${name}`);
    }
  }
  return [...notes.values()].map(({ machines: subjects, problem }) => ({ subject: subjects.join(", "), ...problem }));
}

// --- internal ---

interface Read {
  readonly what: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function readsOf(fleet: Fleet, machine: string): Read[] {
  const modules = machineModules(fleet, machine);
  const written = modules.flatMap((module) =>
    findReads(module, ["inputs", "self"])
      .filter(({ rest }) => rest === undefined || changing.has(rest))
      .map(({ at, rest }) => ({ what: nameOf(rest), ...exactColumn(at, rest ?? "self", fleet.root) })),
  );
  const generated = new Set(modules.map(({ file }) => file));
  const files = new Set(modules.flatMap(importedFiles).filter((file) => file.endsWith(".nix") && !generated.has(file)));
  return [...written, ...[...files].flatMap((file) => readsInNix(fleet.root, file))];
}

function readsInNix(root: string, file: string): Read[] {
  const text = readText(join(root, file));
  return [...text.matchAll(/(?<!#.*)\binputs\.self(?:\.([\w-]+))?(?![\w'-])/g)].flatMap(({ 1: rest, index }) =>
    rest === undefined || changing.has(rest) ? [{ what: nameOf(rest), file, ...placeAt(text, index) }] : [],
  );
}

function nameOf(rest: string | undefined): string {
  return rest === undefined ? "inputs.self, the whole project" : `inputs.self.${rest}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
