/** How an update looks: inputs with their commits, what they change and what not, what is old or there twice, and one line that sums up. */
import type {
  InputChange,
  OldInput,
  PartChange,
  ProposedUpdate,
  SecondNixpkgs,
  SecondUse,
  UpdateCommit,
} from "../../pipeline.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import { countPackages, renderPackages } from "./package-changes.ts";
import { alignColumns, truncate } from "./table.ts";
import { printableSubject, revisionWords } from "./update-words.ts";
import { counted, listed } from "./words.ts";
import { hang } from "./wrap.ts";

/**
 * `current`: nothing is newer. `asked`: what stands above the question. `answered`: what stands below it. `refused`: not kept, for what is wrong.
 */
export type UpdateOutcome = "current" | "dry-run" | "refused" | "kept" | "asked" | "answered";

export interface UpdateOptions extends ErrorOptions {
  /** Columns. */
  readonly width: number;
  readonly outcome: UpdateOutcome;
  readonly commit?: UpdateCommit | undefined;
}

export function renderUpdate(update: ProposedUpdate, options: UpdateOptions): string {
  const { colors, outcome } = options;
  if (outcome === "answered") return `${colors.bold(ending(update, options))}\n`;
  const sections = [
    renderInputs(update.inputs, options),
    renderParts(update, options),
    renderProblems(update, options),
    [...update.old.flatMap((one) => renderOld(one, options)), ...renderSecond(update.second, options)],
  ].filter((section) => section.length > 0);
  const last = outcome === "asked" ? summary(update) : ending(update, options);
  return `${[...sections.flatMap((section) => [...section, ""]), colors.bold(last)].join("\n")}\n`;
}

/** After `--revert`. */
export function renderRevert(inputs: readonly InputChange[], options: Omit<UpdateOptions, "outcome">): string {
  const lines = renderInputs(inputs, { ...options, outcome: "kept" });
  const words =
    inputs.length === 0
      ? "flake.lock is as it was before the update"
      : "flake.lock is as it was before the update again";
  return `${[...lines, ...(lines.length > 0 ? [""] : []), options.colors.bold(words)].join("\n")}\n`;
}

// --- internal ---

const indent = 6;

/** Inputs of the project with their commits; those of inputs only by their revisions. */
function renderInputs(inputs: readonly InputChange[], options: UpdateOptions): string[] {
  if (inputs.length === 0) return [];
  const { colors } = options;
  const heads = alignColumns(
    inputs.map((change) => [`  ${signOf(change, options)} ${colors.bold(change.input)}`, ...revisionWords(change)]),
  );
  return [
    colors.bold("Inputs"),
    ...inputs.flatMap((change, index) => [heads[index] ?? "", ...belowInput(change, options)]),
  ];
}

function signOf({ before, after }: InputChange, { colors }: UpdateOptions): string {
  if (before === undefined) return colors.green("+");
  return after === undefined ? colors.red("-") : colors.yellow("~");
}

/** Commits that are told without `--verbose`. */
const fewCommits = 4;

function belowInput({ commits, link }: InputChange, { colors, verbose, width }: UpdateOptions): string[] {
  const space = " ".repeat(indent);
  const newest = commits?.newest ?? [];
  const shown = verbose ? newest : newest.slice(0, fewCommits);
  const left = (commits?.count ?? 0) - shown.length;
  return [
    ...(commits !== undefined && commits.lost > 0
      ? [
          `${space}${colors.yellow(`its branch was written anew: ${counted(commits.lost, "commit")} of the old one are not in it`)}`,
        ]
      : []),
    ...shown.map(({ rev, subject }) =>
      `${space}${colors.dim(rev.slice(0, 7))} ${truncate(printableSubject(subject), width - indent - 8)}`.trimEnd(),
    ),
    ...(shown.length > 0 && left > 0 ? [colors.dim(`${space}… and ${left} more`)] : []),
    ...(link === undefined ? [] : [`${space}${colors.dim(link)}`]),
  ];
}

/** Parts with the same changes stand together: twenty hosts mostly change alike. */
function renderParts({ parts, lock }: ProposedUpdate, options: UpdateOptions): string[] {
  if (parts.length === 0) return [];
  const { colors, width } = options;
  const changed = parts.filter(({ outcome }) => outcome === "changed" || outcome === "mended");
  const groups = new Map<string, PartChange[]>();
  for (const part of changed) {
    const key = JSON.stringify([part.kind === "shell", part.outcome, part.packages, part.packagesFrom]);
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  const same = parts.filter(({ outcome }) => outcome === "same");
  const broken = parts.filter(({ outcome }) => outcome === "still-broken");
  const heading = lock.before === undefined ? "What there is" : "What changes";
  const lines = [
    ...[...groups.values()].flatMap((group) => renderGroup(group, options)),
    ...(broken.length === 0
      ? []
      : hang(`  ${colors.red("✗")} `, `${namesOf(broken)}: did not evaluate before either`.split(" "), {
          width,
          indent: 4,
        })),
    ...(same.length === 0
      ? []
      : hang(`  ${colors.dim("=")} `, `not affected: ${namesOf(same)}`.split(" "), { width, indent: 4 }).map((line) =>
          colors.dim(line),
        )),
  ];
  return lines.length === 0 ? [] : [colors.bold(heading), ...lines];
}

function renderGroup(group: readonly PartChange[], options: UpdateOptions): string[] {
  const { colors, width, verbose } = options;
  const [first] = group;
  if (first === undefined) return [];
  const { packages, packagesFrom, kind, outcome } = first;
  const counts = packages === undefined ? "" : countPackages(packages).join(", ") || "none of its packages";
  const more = packagesFrom === "derivations" && kind !== "shell" ? " (of those named; --build tells the rest)" : "";
  const words = outcome === "mended" ? "evaluates again" : `${counts}${more}`;
  return [
    ...hang(`  ${colors.yellow("~")} `, `${namesOf(group)}${words === "" ? "" : `: ${words}`}`.split(" "), {
      width,
      indent: 4,
    }),
    ...renderPackages(packages ?? [], { colors, verbose, width, indent }),
  ];
}

/** `hosts crown and nas, container web`; in a sentence with `and` before the last kind. */
function namesOf(parts: readonly Pick<PartChange, "kind" | "name">[], last?: "and"): string {
  const kinds = [...new Set(parts.map(({ kind }) => kind))];
  const words = kinds.map((kind) => {
    const names = parts.filter((part) => part.kind === kind).map(({ name }) => name);
    return `${kind}${names.length === 1 ? "" : "s"} ${listed(names)}`;
  });
  return last === undefined ? words.join(", ") : listed(words, last);
}

function renderProblems({ problems }: ProposedUpdate, options: UpdateOptions): string[] {
  if (problems.length === 0) return [];
  const lines = problems.flatMap((problem) => renderProblem(problem, { ...options, withFrames: true }));
  return [options.colors.red("With the new lock"), ...lines];
}

function renderOld({ input, days, why, ended }: OldInput, options: UpdateOptions): string[] {
  const reasons = {
    pinned: "flake.nix asks for this very commit",
    still: "there is nothing newer where it is from",
    "not updated": `floe update ${input} looks for a newer one`,
  };
  const age = days > 0 ? `${input} is ${counted(days, "day")} old: ${reasons[why]}` : "";
  const end =
    ended === undefined
      ? ""
      : `${input} follows the release ${ended.release}, which gets no corrections since ${ended.since}`;
  return [age, end].filter(Boolean).flatMap((text) => warning(text, options));
}

function renderSecond(second: readonly SecondNixpkgs[], options: UpdateOptions): string[] {
  const unused = second.filter(({ inClosureOf }) => inClosureOf?.length === 0).map(({ path }) => path);
  return [
    ...second.filter(({ path }) => !unused.includes(path)).flatMap((one) => renderOneSecond(one, options)),
    ...(unused.length === 0 ? [] : renderUnused(unused, options)),
  ];
}

function renderOneSecond(one: SecondNixpkgs, options: UpdateOptions): string[] {
  const { own, remedy, inClosureOf } = one;
  const sentences = secondInWords(one);
  const mends = `; this makes it the same${inClosureOf === undefined ? "" : ` as "${own}"`}:`;
  return [
    ...sentences.flatMap((text, index) => warning(index === sentences.length - 1 ? text + mends : text, options)),
    ...remedy.split("\n").map((line) => `      ${options.colors.cyan(line)}`),
  ];
}

function secondInWords(one: SecondNixpkgs): string[] {
  const { path, own, inClosureOf } = one;
  if (inClosureOf === undefined) return [`${holderOf(path)} brings a second nixpkgs (${path}) beside "${own}"`];
  const [alone, both] = [true, false].map((isAlone) => inClosureOf.filter((use) => use.isAlone === isAlone));
  return [both, alone].flatMap((uses) => (uses === undefined || uses.length === 0 ? [] : [usesInWords(uses, one)]));
}

/** Of parts that are all built from it alone, or all from another as well. */
function usesInWords(uses: readonly SecondUse[], { path, rev, orOf = [] }: SecondNixpkgs): string {
  const at = rev === undefined ? "" : ` (${rev.slice(0, 7)})`;
  const are = `${namesOf(uses, "and")} ${uses.length === 1 ? "is" : "are"}`;
  const or = orOf.length === 0 ? "" : `, or what ${listed(orOf.map(holderOf), "or")} brings`;
  return uses[0]?.isAlone
    ? `${are} built from a second nixpkgs: what ${holderOf(path)} brings${at}${or}`
    : `${are} built from two nixpkgs: ${holderOf(path)} brings its own${at}${or}`;
}

/** Nothing to worry about. */
function renderUnused(paths: readonly string[], { colors, width }: UpdateOptions): string[] {
  const words = `${listed(paths)}: in flake.lock beside yours; nothing of ${paths.length === 1 ? "it" : "them"} is in what is built here`;
  return hang("    ", words.split(" "), { width, indent: 4 }).map((line) => colors.dim(line));
}

/** The input that brings the one at the end of the path. */
function holderOf(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}

function warning(text: string, { colors, width }: UpdateOptions): string[] {
  return hang(`  ${colors.yellow("!")} `, text.split(" "), { width, indent: 4 });
}

/** `2 hosts and 1 container change, 3 do not`. */
function summary({ parts, inputs }: ProposedUpdate): string {
  const changed = parts.filter(({ outcome }) => outcome !== "same" && outcome !== "still-broken");
  const kinds = [...new Set(changed.map(({ kind }) => kind))];
  const counts = kinds.map((kind) => counted(changed.filter((part) => part.kind === kind).length, kind));
  const same = parts.filter(({ outcome }) => outcome === "same").length;
  if (changed.length === 0)
    return `${counted(inputs.length, "input")} newer; ${parts.length === 0 ? "nothing was looked at" : "no part of the fleet changes"}`;
  return `${listed(counts)} ${changed.length === 1 ? "changes" : "change"}${same === 0 ? "" : `, ${same} ${same === 1 ? "does" : "do"} not`}`;
}

function ending(update: ProposedUpdate, { outcome, commit }: UpdateOptions): string {
  if (outcome === "current") return `${listed(update.asked)}: nothing newer; flake.lock stays as it is`;
  if (outcome === "dry-run") return `${summary(update)}; nothing was kept, as --dry-run says`;
  if (outcome === "refused")
    return `flake.lock stays as it was: the new one breaks ${broken(update)}. To mend that with the new one: --keep`;
  const next = commit === undefined ? "floe update --revert goes back" : committed(commit);
  return `${outcome === "answered" ? "" : `${summary(update)}; `}${outcome === "answered" ? "The" : "the"} new flake.lock is kept${commit === undefined ? ";" : ""} ${next}`;
}

function broken({ problems }: ProposedUpdate): string {
  const subjects = [...new Set(problems.map(({ subject }) => subject))];
  return subjects.length > 3 ? counted(subjects.length, "part") : listed(subjects);
}

function committed({ commit, files, isDetached }: UpdateCommit): string {
  return `and committed as ${commit.slice(0, 12)} (${listed(files)})${isDetached ? ", on no branch" : ""}; git revert goes back`;
}
