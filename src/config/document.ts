import { dirname, resolve } from "node:path";
import { originSite } from "../authoring/origin.ts";
import { recordedOf } from "../authoring/reference.ts";
import type { Field } from "./field.ts";

/** Reads a file of the project; undefined, and a problem of the field, for one that is not there or outside. */
export type ReadText = (path: string, field: Field) => string | undefined;

/** Text that is written out, or that of a file: `nix.path("./seed.yaml")`. Undefined for what is neither. */
export function readDocument(field: Field, readText: ReadText): string | undefined {
  if (typeof field.value === "string") return field.value;
  const recorded = recordedOf(field.value);
  const site = recorded?.kind === "path" ? originSite(recorded.origin) : undefined;
  if (recorded?.kind !== "path" || site === undefined) return undefined;
  return readText(resolve(dirname(site.file), recorded.text), field) ?? "";
}
