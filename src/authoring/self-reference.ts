/** An option whose value mentions the option itself recurses without end; the plain cases are found before Nix runs. */
import type { Variable } from "./recorded.ts";
import { describe, recordedOf } from "./reference.ts";

/** `lib` functions that wrap the definition of an option, or of a group of options; `lib.modules` has them too. */
const wrappers: ReadonlySet<unknown> = new Set([
  "mkIf",
  "mkForce",
  "mkDefault",
  "mkOverride",
  "mkMerge",
  "mkBefore",
  "mkAfter",
  "mkOrder",
  "mkVMOverride",
  "mkImageMediaOverride",
]);

/** Whether a function is one of these, also with its first arguments given. */
export function wrapsOptions(fn: unknown): boolean {
  const recorded = recordedOf(fn);
  if (recorded?.kind === "apply") return wrapsOptions(recorded.fn);
  if (recorded?.kind !== "select" || !wrappers.has(recorded.keys.at(-1))) return false;
  const owner = describe(recorded.base);
  return owner === "lib" || owner === "lib.modules";
}

/** The option that an attribute named `key` defines, inside `option`. Options of a module may stand under `config`. */
export function optionPathAfter(
  option: readonly string[] | undefined,
  key: string | undefined,
): readonly string[] | undefined {
  if (option === undefined || key === undefined) return undefined;
  if (option.length > 0) return [...option, key];
  if (key === "config") return [];
  return key === "options" || key === "imports" ? undefined : [key];
}

/** `["networking", "hostName"]` for `config.networking.hostName`, also through `cfg`; undefined for every other reference. */
export function pathOfReference(
  reference: unknown,
  config: Variable | undefined,
  own?: { readonly variable: Variable; readonly path: readonly string[] },
): readonly string[] | undefined {
  const recorded = recordedOf(reference);
  if (recorded?.kind === "variable") {
    if (recorded.variable === own?.variable) return own.path;
    return recorded.variable === config ? [] : undefined;
  }
  if (recorded?.kind !== "select" || recorded.fallback !== undefined) return undefined;
  const base = pathOfReference(recorded.base, config, own);
  if (base === undefined || !recorded.keys.every((key) => typeof key === "string")) return undefined;
  return [...base, ...(recorded.keys as string[])];
}

/** Throws when the reference is the option that is being defined. */
export function refuseSelfReference(
  path: readonly string[] | undefined,
  option: readonly string[] | undefined,
  refuse: (message: string, hint: string) => Error,
): void {
  if (path === undefined || option === undefined || path.length === 0 || path.join("\0") !== option.join("\0")) return;
  const name = path.join(".");
  throw refuse(
    `Option "${name}" is defined by itself: its value mentions config.${name}`,
    "Nix would recurse without end; name the value in a const, or use another option",
  );
}
