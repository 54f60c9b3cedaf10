/** `sh` and `text`: text over several lines, written at the indentation of the code around it. */

import { dedent } from "./dedent.ts";
import { recogniseDefinition } from "./definitions.ts";
import { captureOrigin } from "./origin.ts";
import { problem } from "./problem.ts";
import { recordedOf } from "./reference.ts";

/**
 * A shell script. Indentation is stripped as in Nix's `''...''`; backslashes stay as they are; `\${HOME}` is the shell's
 * `${HOME}`, and a backtick is written with a backslash before it. `${...}` takes strings, numbers and references. Throws SynthError for anything else.
 */
export function sh(template: TemplateStringsArray, ...values: readonly unknown[]): string {
  return join(dedent(rawParts(template)), values, sh);
}

/** The same for text that is no shell script, such as a configuration file. */
export function text(template: TemplateStringsArray, ...values: readonly unknown[]): string {
  return join(dedent(rawParts(template)), values, text);
}

/** The literal parts of a template as the user meant them: raw, with `\${` and the escaped backtick turned back. */
export function rawParts(template: TemplateStringsArray): string[] {
  return template.raw.map((part) => part.replace(/\\(`|\$\{)/g, "$1"));
}

// --- internal ---

function join(parts: readonly string[], values: readonly unknown[], callee: typeof sh): string {
  return parts.map((part, index) => (index === 0 ? part : `${spliced(values[index - 1], callee)}${part}`)).join("");
}

function spliced(value: unknown, callee: typeof sh): string {
  if (typeof value === "string" || typeof value === "bigint") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (recordedOf(value) !== undefined) return `${value as string}`;
  const what =
    recogniseDefinition(value) === undefined
      ? Array.isArray(value)
        ? "an array"
        : value === null
          ? "null"
          : `a value of type ${typeof value}`
      : "a definition";
  throw problem(
    `Cannot put ${what} into text`,
    captureOrigin(callee),
    "Give a string, a number or a reference; join arrays with .join(...)",
  );
}
