import type { ProposedAdoption } from "../../pipeline.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";

interface Options {
  readonly colors: Colors;
}

/** What was found, and what would be written. */
export function renderProposal({ adoption, files, folder }: ProposedAdoption, { colors }: Options): string {
  const { instances, taken, toMake, folded, left, profiles } = adoption;
  const rows = instances.map(({ name, image }) => [
    `  ${taken.includes(name) ? colors.green("=") : colors.yellow("+")} ${colors.bold(name)}`,
    taken.includes(name) ? "goes on running as it is" : "made by the next apply",
    colors.dim(
      "fingerprint" in image ? `image ${image.alias ?? image.fingerprint.slice(0, 12)}` : `image ${image.alias}`,
    ),
    (folded[name] ?? []).length === 0 ? "" : `profile ${folded[name]?.join(", ")} written into it`,
  ]);
  const sections = [
    rows.length === 0 ? ["There is nothing to take over"] : ["Found", ...alignColumns(rows)],
    profiles.length === 0 ? [] : [`Profiles of the project: ${profiles.map(({ name }) => name).join(", ")}`],
    left.length === 0 ? [] : ["Left alone", ...left.map(({ name, why }) => `  · ${name}: ${why}`)],
    files.size === 0 ? [] : ["Files", ...[...files.keys()].map((file) => `  + ${file}`)],
    (folder?.unknown ?? []).length === 0 ? [] : [`Not understood: ${folder?.unknown.join(", ")}`],
    toMake.length === 0 || taken.length > 0 ? [] : ["None of these is on the server yet"],
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join("\n"))
    .join("\n\n")}\n\n`;
}

export function renderAdopted({ adoption, files }: ProposedAdoption, { colors }: Options): string {
  const { taken, toMake } = adoption;
  const what = [
    ...(taken.length > 0
      ? [`${taken.length} ${taken.length === 1 ? "instance is" : "instances are"} the project's`]
      : []),
    `${files.size} ${files.size === 1 ? "file" : "files"} written`,
  ];
  return `${colors.green("✓")} ${what.join(", ")}\n\n${toMake.length > 0 ? "Next: floe apply" : "Next: floe plan, which tells whether anything differs from what runs"}\n`;
}
