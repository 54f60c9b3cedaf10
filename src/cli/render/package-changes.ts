/** How changed packages look: those that matter one a line, of the others as many as can be read. */
import type { PackageChange, PackageChangeKind } from "../../model/host-plan.ts";
import type { Colors } from "./style.ts";
import { padTo, truncate, visibleWidth } from "./table.ts";
import { bytes, counted } from "./words.ts";
import { hang } from "./wrap.ts";

export interface PackageOptions {
  readonly colors: Colors;
  /** All of them. */
  readonly verbose: boolean;
  /** Columns. Default 80. */
  readonly width?: number;
  readonly indent: number;
}

/** The important ones, then going down, up, new and gone; what was only rebuilt is told by its number elsewhere. */
export function renderPackages(packages: readonly PackageChange[], options: PackageOptions): string[] {
  const { colors, verbose, indent } = options;
  const told = packages.filter((change) => verbose || (change.kind !== "changed" && !isFile(change)));
  const important = told.filter((change) => change.important);
  const others = kinds.map((kind) => told.filter((change) => !change.important && change.kind === kind));
  const shown = others.map((changes, index) =>
    verbose ? changes : firstOf(changes, atMost[kinds[index] ?? "changed"]),
  );
  const rows = [...important, ...shown.flat()];
  const hidden = kinds.flatMap((kind, index) => {
    const names = others[index]?.slice(shown[index]?.length ?? 0).map(({ name }) => name) ?? [];
    return names.length === 0 ? [] : [`${names.length} ${words[kind]}`];
  });
  const more =
    hidden.length === 0
      ? []
      : hang(" ".repeat(indent), `… and ${hidden.join(", ")}; --verbose shows them`.split(" "), {
          width: options.width ?? 80,
          indent: indent + 2,
        }).map((line) => colors.dim(line));
  return [...align(rows, options), ...more];
}

/** `10 up, 2 new, 240 rebuilt`, and how many files differ that are no packages; empty when nothing does. */
export function countPackages(packages: readonly PackageChange[]): string[] {
  const real = packages.filter((change) => !isFile(change));
  const parts = (["upgraded", "downgraded", "added", "removed", "changed"] as const).flatMap((kind) => {
    const count = real.filter((change) => change.kind === kind).length;
    return count === 0 ? [] : [`${count} ${words[kind]}`];
  });
  const files = packages.length - real.length;
  return files === 0 ? parts : [...parts, counted(files, "file")];
}

// --- internal ---

/** A script, a unit or a piece of the configuration: without a version, and nothing that everybody knows. */
function isFile({ before, after, important }: PackageChange): boolean {
  return !important && [...before, ...after].every((version) => version === "");
}

/** What goes down is told first: it is seldom meant. */
const kinds = ["downgraded", "upgraded", "added", "removed", "changed"] as const;
const words = { downgraded: "down", upgraded: "up", added: "new", removed: "gone", changed: "rebuilt" } as const;
const signs: Readonly<Record<PackageChangeKind, string>> = {
  downgraded: "↓",
  upgraded: "↑",
  added: "+",
  removed: "-",
  changed: "=",
};

/** Lines for each kind of what is not important. */
const atMost: Readonly<Record<PackageChangeKind, number>> = {
  downgraded: 8,
  upgraded: 12,
  added: 6,
  removed: 6,
  changed: 0,
};

/** A line that says that one more is hidden would be as long as the one it hides. */
function firstOf(changes: readonly PackageChange[], limit: number): readonly PackageChange[] {
  return changes.length <= limit + 1 ? changes : changes.slice(0, limit);
}

function align(changes: readonly PackageChange[], { colors, width = 80, indent }: PackageOptions): string[] {
  const nameWidth = Math.min(30, Math.max(0, ...changes.map(({ name }) => visibleWidth(name))));
  const versionWidth = Math.max(10, width - indent - 2 - nameWidth - 2 - sizeWidth);
  const texts = changes.map((change) => truncate(versionsOf(change), versionWidth));
  const textWidth = Math.max(0, ...texts.map(visibleWidth));
  return changes.map((change, index) => {
    const name = padTo(truncate(change.name, nameWidth), nameWidth);
    const size = change.sizeDelta === 0 ? "" : sizeText(change.sizeDelta).padStart(sizeWidth);
    const cells = [
      paint(change.kind, signs[change.kind], colors),
      change.important ? colors.bold(name) : name,
      "",
      padTo(texts[index] ?? "", textWidth),
    ];
    return `${" ".repeat(indent)}${cells.join(" ")}${colors.dim(size)}`.trimEnd();
  });
}

const sizeWidth = 10;

function versionsOf({ before, after, kind }: PackageChange): string {
  const text = (versions: readonly string[]): string => versions.map((version) => version || "(no version)").join(", ");
  if (before.length === 0) return after.join("") === "" ? "" : text(after);
  if (after.length === 0) return before.join("") === "" ? "" : text(before);
  return kind === "changed" ? text(after) : `${text(before)} → ${text(after)}`;
}

function sizeText(delta: number): string {
  return `${delta < 0 ? "-" : "+"}${bytes(Math.abs(delta))}`;
}

function paint(kind: PackageChangeKind, text: string, colors: Colors): string {
  const painters = {
    added: colors.green,
    removed: colors.red,
    upgraded: colors.cyan,
    downgraded: colors.yellow,
    changed: colors.dim,
  };
  return painters[kind](text);
}
