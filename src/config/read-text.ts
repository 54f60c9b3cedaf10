import { readFileSync, realpathSync } from "node:fs";
import { relative } from "node:path";
import type { ReadText } from "./document.ts";
import type { LoadTrace } from "./recall.ts";

/** Reads files of the project that are data of the fleet, and notes them: the fleet depends on what is in them. */
export function textReader(root: string, trace: LoadTrace): ReadText {
  return (path, field) => {
    const name = relative(root, path);
    if (name.startsWith("..")) {
      field.report(`File "${path}" of ${field.label} must lie in the project`);
      return undefined;
    }
    try {
      trace.data.add(path);
      return readFileSync(realpathSync(path), "utf8");
    } catch {
      field.report(
        `Cannot read the file "${name}" of ${field.label}`,
        "Paths are relative to the file that names them",
      );
      return undefined;
    }
  };
}
