import type { Fleet } from "../model/fleet.ts";
import { fleetFile } from "../model/taken-over.ts";
import { path } from "../nixlang/build.ts";
import type { NixExpr } from "../nixlang/tree.ts";

/** The values of a record, in the order of their names. */
export function byName<T extends { readonly name: string }>(record: Readonly<Record<string, T>>): T[] {
  return Object.values(record).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The path of a generated file, from the file that holds the outputs: flake.nix, or beside an existing one `fleetFile`, in whose folder all others are. */
export function generatedPath({ flake }: Pick<Fleet, "flake">, file: string): NixExpr {
  const folder = fleetFile.slice(0, fleetFile.lastIndexOf("/") + 1);
  return path(`./${flake === undefined ? file : file.slice(folder.length)}`);
}
