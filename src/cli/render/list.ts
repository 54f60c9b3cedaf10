/** What `floe list` prints: aligned columns, a section for each kind. */
import type { FleetList, ListedInstance } from "../../list/fleet-list.ts";
import type { Port } from "../../model/fleet.ts";
import { type ErrorOptions, renderProblem } from "./error.ts";
import type { Colors } from "./style.ts";
import { alignColumns, widest } from "./table.ts";
import { age, counted } from "./words.ts";

export interface ListOptions extends ErrorOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Columns of the terminal; the instances are made to fit. Absent: as wide as it takes. */
  readonly width?: number;
}

export function renderList(list: FleetList, options: ListOptions): string {
  const { colors } = options;
  const sections = [
    table(
      "Hosts",
      ["name", "system", "target", "tags"],
      list.hosts.map((host) => [
        colors.bold(host.name),
        host.system,
        host.target ?? "this machine only",
        tagsText(host.tags),
      ]),
      colors,
    ),
    table(
      "Containers",
      ["name", "system", "instances", "tags"],
      list.containers.map((item) => [
        colors.bold(item.name),
        item.system,
        counted(item.instances.length, "instance"),
        tagsText(item.tags),
      ]),
      colors,
    ),
    instanceTable(list, options),
    failuresOf(list, colors),
    list.problems.flatMap((problem) => renderProblem(problem, options)),
  ];
  const lines = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index === 0 ? section : ["", ...section]));
  return `${(lines.length === 0 ? ["Nothing here"] : lines).join("\n")}\n`;
}

/** `127.0.0.1:8081 → 80`, with the protocol when it is not TCP. */
export function portText({ listen, connect }: Port): string {
  const [protocol] = listen.split(":");
  const from = listen.replace(/^\w+:/, "");
  return `${from} → ${connect.slice(connect.lastIndexOf(":") + 1)}${protocol === "tcp" ? "" : `/${protocol}`}`;
}

// --- internal ---

function table(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  colors: Colors,
): string[] {
  return rows.length === 0 ? [] : [colors.bold(title), ...linesOf(heads, rows, colors)];
}

/** A column that is empty in every row is left out, with its head. */
function linesOf(heads: readonly string[], rows: readonly (readonly string[])[], colors: Colors): string[] {
  const used = heads.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const keep = (cells: readonly string[]): string[] => cells.filter((_, column) => used[column]);
  return alignColumns([keep(heads).map((head) => colors.dim(head)), ...rows.map(keep)]).map((line) =>
    `  ${line}`.trimEnd(),
  );
}

const instanceHeads = ["name", "state", "container", "address", "ports", "since", "image", "health", ""] as const;
/** What goes below its row where the terminal is too narrow, one after the other. */
const movable: readonly (typeof instanceHeads)[number][] = ["image", "since", "", "container", "ports", "address"];

/** Left out there, but for --verbose. */
const dispensable: ReadonlySet<string> = new Set(["image", "since"]);

function instanceTable(list: FleetList, options: ListOptions): string[] {
  const { colors, width = Number.POSITIVE_INFINITY } = options;
  const rows = list.instances.map((item) => instanceRow(item, list, options));
  for (let count = 0; ; count++) {
    const moved = new Set(movable.slice(0, count));
    const stays = (_: string, column: number): boolean => !moved.has(instanceHeads[column] ?? "");
    const lines = linesOf(
      instanceHeads.filter(stays),
      rows.map((row) => row.filter(stays)),
      colors,
    );
    if (widest(lines) > width && count < movable.length) continue;
    const [head = "", ...others] = lines;
    const below = rows.map((row) => belowRow(row, moved, options));
    return rows.length === 0
      ? []
      : [colors.bold("Instances"), head, ...others.flatMap((line, index) => [line, ...(below[index] ?? [])])];
  }
}

/** `container web, address 10.0.3.7`: as many as fit in a line. */
function belowRow(
  row: readonly string[],
  moved: ReadonlySet<string>,
  { colors, width = Number.POSITIVE_INFINITY, verbose }: ListOptions,
): string[] {
  const parts = instanceHeads.flatMap((head, column) => {
    const cell = row[column] ?? "";
    const isLeftOut = !moved.has(head) || (dispensable.has(head) && !verbose);
    return cell === "" || isLeftOut ? [] : [head === "" ? cell : `${colors.dim(head)} ${cell}`];
  });
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1)}, ${part}`;
    if (lines.length > 0 && widest([longer]) <= width) lines[lines.length - 1] = longer;
    else lines.push(`    ${part}`);
  }
  return lines;
}

function instanceRow(item: ListedInstance, list: FleetList, { colors, now }: ListOptions): string[] {
  const places = new Set(list.instances.map(({ server }) => server));
  const name = colors.bold(item.name) + (places.size > 1 ? colors.dim(` on ${item.server}`) : "");
  const since = item.since === null ? "" : age(now - Date.parse(item.since));
  const remarks = [
    ...(item.isInterrupted ? [colors.yellow("interrupted: run floe apply")] : []),
    ...(item.isUpdateAvailable === true ? [colors.yellow("update available")] : []),
    ...(item.hasPrevious ? [colors.dim("can roll back")] : []),
  ];
  return [
    name,
    stateText(item.state, colors),
    item.container,
    item.addresses.join(" "),
    item.ports.map(portText).join(", "),
    since,
    imageText(item, now),
    healthText(item, colors),
    remarks.join(", "),
  ];
}

function stateText(state: ListedInstance["state"], colors: Colors): string {
  const texts = {
    running: colors.green("running"),
    stopped: colors.yellow("stopped"),
    frozen: colors.yellow("frozen"),
    error: colors.red("error"),
    absent: colors.dim("not made yet"),
    interrupted: colors.red("down"),
    foreign: colors.red("not floe's"),
    unknown: colors.dim("unknown"),
  };
  return texts[state];
}

/** When the image was imported; its fingerprint when it is gone. */
function imageText({ image }: ListedInstance, now: number): string {
  if (image === null) return "";
  return image.importedAt === null
    ? `${image.fingerprint.slice(0, 12)}, deleted`
    : age(now - Date.parse(image.importedAt));
}

/** What is wrong, where it was asked for. */
function failuresOf({ instances }: FleetList, colors: Colors): string[] {
  const lines = instances.flatMap(({ name, failures = [] }) =>
    failures.map((failure) => `  ${colors.red("✗")} ${colors.bold(name)}  ${failure}`),
  );
  return lines.length === 0 ? [] : [colors.bold("Not healthy"), ...lines];
}

/** Only what runs can be healthy. */
function healthText({ state, isHealthy, failures }: ListedInstance, colors: Colors): string {
  if (state !== "running") return "";
  if (failures !== undefined && failures.length > 0) return colors.red("unhealthy");
  if (isHealthy === null) return colors.dim("no checks");
  if (failures !== undefined) return colors.green("healthy");
  return isHealthy ? colors.green("healthy") : colors.yellow("not proved");
}

function tagsText(tags: readonly string[]): string {
  return tags.map((tag) => `@${tag}`).join(" ");
}
