/** Options that `opt` made, as the Nix that declares them. */
import { apply, attrs, bind, list, select, string } from "../nixlang/build.ts";
import type { NixBinding, NixExpr } from "../nixlang/tree.ts";
import { isOption, type Option, type OptionSpec, optionSettings } from "./options.ts";
import { problem } from "./problem.ts";

/** What the recorder lends. */
export interface OptionTools {
  /** Any value, at the place of the option or at a key below it. */
  readonly convert: (value: unknown, key?: string) => NixExpr;
  /** A module argument, such as `lib`, which the module then asks for. */
  readonly argument: (name: string) => NixExpr;
}

/** `lib.mkOption { type = ...; default = ...; description = ...; }`. Throws SynthError for settings that Nix has no notation for. */
export function convertOption({ type, spec }: Option<unknown>, tools: OptionTools): NixExpr {
  const { argument } = tools;
  if (type.kind === "enable") return apply(select(argument("lib"), "mkEnableOption"), string(type.what));
  if (type.kind === "package") {
    const name = typeof type.name === "string" ? string(type.name) : list(type.name.map(string));
    return apply(select(argument("lib"), "mkPackageOption"), argument("pkgs"), name, attrs(settings(spec, tools)));
  }
  const entries = [bind("type", convertType(type, tools)), ...settings(spec, tools)];
  return apply(select(argument("lib"), "mkOption"), attrs(entries));
}

/** The type alone, for an option that stands for the elements of another. */
export function convertElement({ type, spec, origin }: Option<unknown>, tools: OptionTools): NixExpr {
  const [setting] = Object.entries(spec).find(([, value]) => value !== undefined) ?? [];
  if (setting === undefined) return convertType(type, tools);
  throw problem(
    `The type of an element has a "${setting}", which only an option can have`,
    origin,
    "Give it to the outer option; the options of a submodule have their own",
  );
}

// --- internal ---

function settings(spec: OptionSpec<unknown>, { convert, argument }: OptionTools): NixBinding[] {
  return optionSettings.flatMap((name) => {
    const value: unknown = spec[name];
    if (value === undefined) return [];
    const converted = convert(value, name);
    const isText = name === "defaultText" && typeof value === "string";
    return [bind(name, isText ? apply(select(argument("lib"), "literalExpression"), converted) : converted)];
  });
}

function convertType(type: Option<unknown>["type"], tools: OptionTools): NixExpr {
  const types = (...path: readonly string[]): NixExpr => select(tools.argument("lib"), "types", ...path);
  switch (type.kind) {
    case "nix":
      return tools.convert(type.type);
    case "lib":
      if (type.args.length === 0) return types(...type.path);
      return apply(types(...type.path), ...type.args.map((arg) => convertArgument(arg, tools)));
    case "submodule": {
      const module = tools.convert(type.module);
      return apply(types("submodule"), typeof type.module === "function" ? module : attrs([bind("options", module)]));
    }
    case "enable":
      return types("bool");
    case "package":
      return types("package");
    default:
      return type satisfies never;
  }
}

/** Among the arguments of a type, options stand for their types. */
function convertArgument(value: unknown, tools: OptionTools): NixExpr {
  if (isOption(value)) return convertElement(value, tools);
  if (Array.isArray(value)) return list(value.map((item: unknown) => convertArgument(item, tools)));
  return tools.convert(value);
}
