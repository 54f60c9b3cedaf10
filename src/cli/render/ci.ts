/** What differs from another commit: for a terminal, and as Markdown for a pull request. */
import type { Comparison, InstanceChange, PartChange } from "../../ci/comparison.ts";
import type { PackageChange } from "../../model/host-plan.ts";
import type { TextOptions } from "../output.ts";
import { countPackages, renderPackages } from "./package-changes.ts";
import { counted, listed } from "./words.ts";

export function renderComparison(comparison: Comparison, options: TextOptions): string {
  const { colors } = options;
  const parts = comparison.parts.filter(({ state }) => state !== "same" || options.verbose);
  const body = [
    ...comparison.inputs.map((input) => `${colors.dim("input")} ${input}`),
    ...parts.flatMap((part) => renderPart(part, options)),
    ...comparison.instances.flatMap((instance) => renderInstance(instance, options)),
  ];
  return `${[...body, ...(body.length > 0 ? [""] : []), colors.bold(summary(comparison))].join("\n")}\n`;
}

/** GitHub shows this in comments and summaries. The first line is how floe finds its comment again. */
export function markdown(comparison: Comparison, fleet: string): string {
  const parts = comparison.parts.filter(({ state }) => state !== "same");
  const rows = [
    ...parts.map((part) => [part.kind, part.name, signs[part.state].word, countsOf(part)]),
    ...comparison.instances.map((one) => ["instance", one.name, signs[one.state].word, settingCount(one)]),
  ];
  const head = ["| | | | |", "| --- | --- | --- | --- |"];
  const table = rows.map(
    ([kind = "", name = "", ...words]) => `| ${[kind, `**${escaped(name)}**`, ...words.map(escaped)].join(" | ")} |`,
  );
  const text = [
    `<!-- floe: ${fleet.replace(/[^\w.]+/g, "-")} -->`,
    `### ${escaped(summary(comparison))}`,
    ...(comparison.inputs.length === 0 ? [] : ["", ...comparison.inputs.map((input) => `- ${escaped(input)}`)]),
    ...(rows.length === 0 ? [] : ["", ...head, ...table]),
    ...parts.flatMap(detailsOf),
    ...comparison.instances.flatMap(settingsOf),
  ];
  return cut(text);
}

/** Of a text that `markdown` made; undefined for another. */
export function commentMarker(text: string): string | undefined {
  return /^<!-- floe: [\w.-]+ -->/.exec(text)?.[0];
}

// --- internal ---

const signs = {
  same: { sign: "·", word: "same" },
  changed: { sign: "~", word: "changed" },
  new: { sign: "+", word: "new" },
  gone: { sign: "-", word: "gone" },
  broken: { sign: "✗", word: "does not evaluate" },
  mended: { sign: "✓", word: "evaluates again" },
} as const;

/** A line of origins is for a change of the configuration; after an update of nixpkgs it says nothing. */
const mostOrigins = 6;

function summary({ base, parts, instances }: Comparison): string {
  const changed = parts.filter(({ state }) => state !== "same").length;
  const against = base.commit === undefined ? "" : ` from ${shownRef(base.ref)} (${base.commit.slice(0, 7)})`;
  const why = base.problem === undefined ? "" : `: ${base.problem}`;
  if (changed + instances.length === 0) return `Nothing differs${against}${why}`;
  const what = [
    ...(changed > 0
      ? [`${changed} of ${counted(parts.length, "host, image, home or shell", "hosts, images, homes and shells")}`]
      : []),
    ...(instances.length > 0 ? [counted(instances.length, "instance")] : []),
  ];
  const verb = changed + instances.length === 1 ? "differs" : "differ";
  return `${listed(what)} ${verb}${against}${why}`;
}

/** A forge names commits, not branches. */
function shownRef(ref: string): string {
  return /^[0-9a-f]{40,64}$/.test(ref) ? "the base" : ref;
}

function renderPart(part: PartChange, options: TextOptions): string[] {
  const { colors, verbose, width } = options;
  const { sign, word } = signs[part.state];
  const paint = {
    "+": colors.green,
    "-": colors.red,
    "~": colors.yellow,
    "✗": colors.red,
    "✓": colors.green,
    "·": colors.dim,
  };
  const head = `${paint[sign](sign)} ${part.kind} ${colors.bold(part.name)}  ${[word, countsOf(part)].filter(Boolean).join(", ")}`;
  const origins = originText(part);
  return [
    head,
    ...(part.error === undefined ? [] : [`    ${part.error.split("\n")[0]}`]),
    ...renderPackages(part.packages ?? [], { colors, verbose, width, indent: 4 }),
    ...(part.units?.length ? [`    units: ${part.units.join(", ")}`] : []),
    ...(origins === "" ? [] : [`    ${colors.dim(`because of ${origins}`)}`]),
  ];
}

function renderInstance(instance: InstanceChange, { colors }: TextOptions): string[] {
  const { sign, word } = signs[instance.state];
  return [
    `${sign} instance ${colors.bold(instance.name)}  ${word}`,
    ...instance.settings.map(
      ({ setting, before, after }) => `    ${setting}: ${before ?? "(none)"} → ${after ?? "(none)"}`,
    ),
  ];
}

function countsOf({ packages = [], units = [] }: PartChange): string {
  return [...countPackages(packages), ...(units.length > 0 ? [counted(units.length, "unit")] : [])].join(", ");
}

function settingCount({ settings }: InstanceChange): string {
  return settings.length === 0 ? "" : counted(settings.length, "setting");
}

function originText({ origins = [] }: PartChange): string {
  if (origins.length === 0) return "";
  const more = origins.length - mostOrigins;
  return more > 0 ? `${origins.slice(0, mostOrigins).join(", ")} and ${more} more` : origins.join(", ");
}

function detailsOf(part: PartChange): string[] {
  const { packages = [], units = [], error } = part;
  const origins = originText(part);
  const told = packages.filter(
    ({ kind, before, after }) => kind !== "changed" && [...before, ...after].some((version) => version !== ""),
  );
  const lines = [
    ...(error === undefined ? [] : ["```", error.replaceAll("```", "'''"), "```"]),
    ...(told.length === 0 ? [] : ["| package | before | after |", "| --- | --- | --- |", ...told.map(packageRow)]),
    ...(units.length === 0 ? [] : ["", `Units: ${units.map(escaped).join(", ")}`]),
    ...(origins === "" ? [] : ["", `Because of: ${escaped(origins)}`]),
  ];
  return lines.length === 0 ? [] : folded(`${part.kind} ${part.name}`, lines);
}

function packageRow({ name, before, after }: PackageChange): string {
  const text = (versions: readonly string[]): string =>
    escaped(versions.map((version) => version || "(no version)").join(", "));
  return `| ${escaped(name)} | ${text(before)} | ${text(after)} |`;
}

function settingsOf({ name, settings }: InstanceChange): string[] {
  if (settings.length === 0) return [];
  const rows = settings.map(
    ({ setting, before = "", after = "" }) => `| ${[setting, before, after].map(escaped).join(" | ")} |`,
  );
  return folded(`instance ${name}`, ["| setting | before | after |", "| --- | --- | --- |", ...rows]);
}

function folded(title: string, lines: readonly string[]): string[] {
  return ["", `<details><summary>${escaped(title)}</summary>`, "", ...lines, "", "</details>"];
}

/**
 * What Markdown or HTML would take for its own; a value may hold anything. GitHub finds people and issues in the text as it is shown, so a character
 * that nobody sees stands behind their signs.
 */
function escaped(text: string): string {
  return text
    .replace(/[\r\n]+/g, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/[\\`*_{}[\]|~]/g, "\\$&")
    .replace(/@(?=\w)|#(?=\d)/g, "$&\u200b");
}

/** GitHub refuses comments of more than 65,536 characters; a part is left out as a whole, so that no table or fold is cut. */
const mostCharacters = 60_000;

function cut(lines: readonly string[]): string {
  const text = lines.join("\n");
  if (text.length <= mostCharacters) return text;
  const parts = text.split("\n\n<details>");
  const kept: string[] = [];
  let length = 0;
  for (const [index, part] of parts.entries()) {
    const whole = index === 0 ? cutLines(part) : `\n\n<details>${part}`;
    if (length + whole.length > mostCharacters) break;
    kept.push(whole);
    length += whole.length;
  }
  return `${kept.join("")}\n\n… and more: floe diff shows all of it`;
}

function cutLines(text: string): string {
  const lines = text.split("\n");
  let length = 0;
  const end = lines.findIndex((line) => {
    length += line.length + 1;
    return length > mostCharacters / 2;
  });
  return lines.slice(0, end < 0 ? undefined : end).join("\n");
}
