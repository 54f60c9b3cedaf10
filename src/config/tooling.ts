/** Which formatters and linters are for which files. */
import type { Tool, Tooling, ToolRule } from "../model/tooling.ts";
import { defined } from "../util/defined.ts";
import { nearest } from "../util/nearest.ts";
import type { Field } from "./field.ts";
import { formatterPresets, linterPresets, presetTool } from "./tool-presets.ts";

/** Undefined where the fleet names none. */
export function readTooling(format: Field, lint: Field, exclude: Field): Tooling | undefined {
  if (!format.isGiven && !lint.isGiven && !exclude.isGiven) return undefined;
  return {
    format: readRules(format, formatterPresets, "formatter"),
    lint: readRules(lint, linterPresets, "linter"),
    exclude: exclude.list((pattern) => readPattern(pattern)),
  };
}

// --- internal ---

type Presets = Parameters<typeof presetTool>[0];

function readRules(field: Field, presets: Presets, kind: string): ToolRule[] {
  return Object.entries(
    field.entries((value, pattern): ToolRule => {
      const rule = value.named(`the ${kind} of "${pattern}"`);
      if (!isPattern(pattern))
        rule.report(`"${pattern}" is no pattern of files`, 'Patterns are such as "*.nix" or "web/**/*.ts"');
      const read = (tool: Field): Tool => readTool(tool, presets, kind);
      return { pattern, tools: Array.isArray(rule.value) ? rule.list(read) : [read(rule)] };
    }),
  ).map(([, rule]) => rule);
}

function readTool(field: Field, presets: Presets, kind: string): Tool {
  if (typeof field.value !== "string") return readOwn(field, kind);
  const found = presetTool(presets, field.value);
  if (found !== undefined) return found;
  const near = nearest(field.value, Object.keys(presets));
  field.report(
    `There is no ${kind} "${field.value}" that floe knows`,
    near === undefined
      ? `It knows ${Object.keys(presets).join(", ")}; any other is { command: ["NAME", "--flag"] }`
      : `Did you mean "${near}"?`,
  );
  return nothing;
}

/** One that floe does not know: its command, and what it comes from. */
function readOwn(field: Field, kind: string): Tool {
  const keys = field.keys("command", "check", "package", "oneByOne", "settings");
  const [program = "", ...words] = keys.command.list((word) => word.text("be a word of a command"));
  if (program === "") keys.command.must('be a command such as ["treefmt-nix", "--fast"]; the files are put behind it');
  const check = keys.check.isGiven ? keys.check.list((word) => word.text("be a word of a command")) : undefined;
  return defined({
    name: program,
    program,
    fix: kind === "formatter" ? words : undefined,
    check: kind === "formatter" ? check?.slice(check[0] === program ? 1 : 0) : words,
    package: keys.package.optional((value) =>
      value.textLike((text) => /^[\w.+-]+$/.test(text), 'be an attribute of nixpkgs such as "nodePackages.prettier"'),
    ),
    isForOne: keys.oneByOne.flag(false),
    settings: keys.settings.list((file) => file.text("be the name of a file")),
    hint: `Put "${program}" on your PATH`,
  });
}

const nothing: Tool = { name: "", program: "", isForOne: false, settings: [], hint: "" };

function readPattern(field: Field): string {
  return field.textLike(isPattern, 'be a pattern of files such as "vendor/**"');
}

function isPattern(text: string): boolean {
  return text !== "" && !text.startsWith("/") && !text.startsWith("!") && !text.includes("\\");
}
