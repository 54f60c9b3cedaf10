/** What `floe options` prints: a line for each option, its description below. */
import type { ListedOption } from "../../options/search.ts";
import type { TextOptions } from "../output.ts";
import { plainText } from "./prose.ts";
import { truncate } from "./table.ts";
import { counted } from "./words.ts";

/** Options shown without `--all`. */
const shownFirst = 20;

export function renderOptions(
  found: readonly ListedOption[],
  machine: string,
  { colors, width, all }: Pick<TextOptions, "colors" | "width"> & { readonly all: boolean },
): string {
  if (found.length === 0) return `${machine} declares no such option\n`;
  const shown = all ? found : found.slice(0, shownFirst);
  const blocks = shown.map((option) => {
    const head = `${colors.bold(option.name)}  ${colors.dim(oneLine(option.type, 60))}${option.default === undefined ? "" : colors.dim(` = ${oneLine(option.default, 40)}`)}`;
    const text = plainText(option.description ?? "").replace(/\s+/g, " ");
    return text === "" ? head : `${head}\n    ${truncate(text, Math.max(40, width - 4))}`;
  });
  const rest = found.length - shown.length;
  return `${blocks.join("\n")}\n${rest > 0 ? `\n${colors.dim(`${counted(rest, "more", "more")}; --all shows them`)}\n` : ""}`;
}

function oneLine(text: string, width: number): string {
  return truncate(text.replace(/\s+/g, " ").trim(), width);
}
