import type { FlakeAdoption, FlakeEntries } from "../../pipeline.ts";
import type { Colors } from "./style.ts";
import { alignColumns, padTo, widest } from "./table.ts";
import { counted, listed } from "./words.ts";
import { hang } from "./wrap.ts";

interface Options {
  readonly colors: Colors;
  /** Columns of the terminal. */
  readonly width: number;
}

/** What was found, what was not, and what would be written. */
export function renderFlake(adoption: FlakeAdoption, options: Options & { readonly withText: boolean }): string {
  const { found, missing, unread, running, files, kept } = adoption;
  const { colors } = options;
  const sections = [
    [`${colors.bold("Found in flake.nix")} ${colors.dim(`on ${found.system}`)}`, ...foundRows(adoption, colors)],
    missing.length === 0 ? [] : [colors.bold("Inputs that cannot be fetched"), ...missingRows(adoption, options)],
    unread.length === 0 ? [] : [colors.bold("Could not be evaluated"), ...unreadRows(adoption, options)],
    found.unclassified.length === 0 ? [] : [colors.bold("Could not classify"), ...unclassifiedRows(adoption, options)],
    running.length === 0
      ? []
      : [
          `${listed(running)} ${running.length === 1 ? "runs" : "run"} in this machine's Incus already: ${colors.cyan(`floe adopt incus ${running.join(" ")}`)} takes ${running.length === 1 ? "it" : "them"} over as ${running.length === 1 ? "it is" : "they are"}`,
        ],
    alsoRows(adoption, colors),
    isNothing(adoption)
      ? []
      : [
          colors.bold("Files"),
          ...alignColumns(
            files.map(({ file, action, why }) => [
              `  ${action === "create" ? colors.green("+") : colors.yellow("~")} ${file}`,
              colors.dim(action === "create" ? why : `${why} added`),
            ]),
          ),
          ...kept.map(({ file, why }) => `  ${colors.dim("=")} ${file} ${colors.dim(`is yours and stays; ${why}`)}`),
        ],
    options.withText && !isNothing(adoption)
      ? [colors.bold("floe.config.ts"), ...(files[0]?.text.trimEnd().split("\n") ?? []).map((line) => `  ${line}`)]
      : [],
  ];
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join("\n"))
    .join("\n\n")}\n\n`;
}

export function renderAdopted(adoption: FlakeAdoption, { colors, isLinked }: Options & { isLinked: boolean }): string {
  const { hosts, homes, containers, shells } = adoption.found;
  const counts = [
    ...(hosts.length > 0 ? [counted(hosts.length, "host")] : []),
    ...(homes.length > 0 ? [counted(homes.length, "home")] : []),
    ...(containers.length > 0 ? [counted(containers.length, "container")] : []),
    ...(shells.length > 0 ? [counted(shells.length, "shell")] : []),
  ];
  return [
    `${colors.green("✓")} floe.config.ts names ${listed(counts)}`,
    ...(isLinked ? [`  node_modules/floe is a link to this floe, until npm install`] : []),
    "",
    colors.bold("Next"),
    ...alignColumns(
      nextSteps(adoption).map(([command, what]) => [`  ${colors.cyan(command)}`, what]),
      3,
    ),
    "",
  ].join("\n");
}

/** For a project that names the flake already. */
export function renderAdditions(additions: FlakeEntries, adoption: FlakeAdoption, options: Options): string {
  const { colors } = options;
  const groups = (["hosts", "homes", "containers", "shells"] as const).filter((group) => additions[group].length > 0);
  const rest = [
    ...(adoption.missing.length === 0
      ? []
      : ["", colors.bold("Inputs that cannot be fetched"), ...missingRows(adoption, options)]),
    ...(adoption.found.unclassified.length === 0
      ? []
      : ["", colors.bold("Could not classify"), ...unclassifiedRows(adoption, options)]),
  ];
  if (groups.length === 0)
    return [`${colors.green("✓")} floe.config.ts names everything that flake.nix has`, ...rest, ""].join("\n");
  return [
    "floe.config.ts is there already and stays as it is. It does not name yet what these lines do:",
    "",
    ...groups.flatMap((group) => [
      `  ${group}: {`,
      ...additions[group].flatMap(({ lines }) => lines.map((line) => `    ${line}`)),
      "  },",
    ]),
    ...rest,
    "",
  ].join("\n");
}

// --- internal ---

function isNothing({ found: { hosts, homes, containers, shells } }: FlakeAdoption): boolean {
  return hosts.length + homes.length + containers.length + shells.length === 0;
}

function foundRows({ found, isLockBehind }: FlakeAdoption, colors: Colors): string[] {
  const { hosts, homes, containers, shells, packages, checks, hasFormatter, system } = found;
  const foreign = (of: string): string[] => (of === system ? [] : [of]);
  const group = (title: string, rows: readonly (readonly [string, string])[]): string[][] =>
    rows.map(([name, what], index) => [index === 0 ? `  ${title}` : "", colors.bold(name), colors.dim(what)]);
  const rows = [
    ...group(
      "hosts",
      hosts.map(({ name, system: of, target, homes: users, note }) => [
        name,
        [
          ...foreign(of),
          ...(target === undefined ? [] : [`reached as ${target}`]),
          ...(users.length > 0 ? [`home-manager for ${listed(users)}`] : []),
          ...(note === undefined ? [] : [note]),
        ].join(", "),
      ]),
    ),
    ...group(
      "homes",
      homes.map(({ name, system: of, note }) => [name, [...foreign(of), ...(note ? [note] : [])].join(", ")]),
    ),
    ...group(
      "containers",
      containers.map(({ name, from, system: of, note }) => [
        name,
        [from.rootfs, ...foreign(of), ...(note ? [note] : [])].join(", "),
      ]),
    ),
  ];
  // One line each, whose length has nothing to do with the columns of the others.
  const lines = [
    ...(shells.length > 0 ? [["  shells", shells.map(({ name }) => colors.bold(name)).join(", ")] as const] : []),
    ...(hasFormatter ? [["  formatter", colors.dim("floe fmt runs it")] as const] : []),
  ];
  const width = widest([...rows, ...lines].map(([title = ""]) => title));
  const rest = [
    ...(checks.length > 0 ? [[counted(checks.length, "check"), "nix flake check"] as const] : []),
    ...(packages.length > 0 ? [[counted(packages.length, "package"), "nix build"] as const] : []),
  ];
  const stay = checks.length + packages.length === 1 ? "stays" : "stay";
  return [
    ...alignColumns(rows.map(([title = "", ...cells]) => [padTo(title, width), ...cells])),
    ...lines.map(([title, text]) => `${padTo(title, width)}  ${text}`),
    ...(hosts.length + homes.length + containers.length + shells.length === 0
      ? ["  no hosts, homes, container images or dev shells"]
      : []),
    ...(rest.length > 0
      ? [
          colors.dim(
            `  ${listed(rest.map(([what]) => what))} ${stay} with nix: ${rest.map(([, verb]) => verb).join(", ")}`,
          ),
        ]
      : []),
    ...(isLockBehind ? ["  flake.lock lacks inputs of flake.nix: nix adds them when something is built first"] : []),
  ];
}

function missingRows({ missing }: FlakeAdoption, { colors }: Options): string[] {
  const hints = [...new Set(missing.map(({ hint }) => hint))];
  return [
    ...alignColumns(missing.map(({ name, url, why }) => [`  · ${name}`, colors.dim(url), why])),
    ...hints.map((hint) => `  ${colors.cyan("→")} ${hint}`),
  ];
}

/** Those with the same reason together. */
function unreadRows({ unread }: FlakeAdoption, options: Options): string[] {
  const reasons = [...new Set(unread.map(({ why }) => why))];
  return reasons.flatMap((reason) => {
    const paths = unread.filter(({ why }) => why === reason).map(({ path }) => path);
    return item(paths.join(", "), reason, options);
  });
}

function unclassifiedRows({ found }: FlakeAdoption, options: Options): string[] {
  return found.unclassified.flatMap(({ path, reason, byHand }) => [
    ...item(path, reason, options),
    ...hang(`      ${options.colors.dim("by hand:")} `, byHand.split(" "), { width: options.width, indent: 15 }),
  ]);
}

function alsoRows({ alsoHere }: FlakeAdoption, colors: Colors): string[] {
  if (alsoHere.length === 0) return [];
  const rows = alsoHere.map(({ file, what, verb }) => [`  · ${file}`, what, colors.cyan(verb)]);
  return [
    `${colors.bold("Also here")} ${colors.dim("(nothing is changed; floe has a verb for it)")}`,
    ...alignColumns(rows),
  ];
}

function item(head: string, text: string, { width }: Options): string[] {
  return hang("  · ", `${head}: ${text}`.split(" "), { width, indent: 4 });
}

function nextSteps({ found, running }: FlakeAdoption): (readonly [string, string])[] {
  const [host] = found.hosts;
  const [container] = found.containers;
  return [
    ["floe list", "what there is"],
    ["floe plan", "what differs from what runs"],
    ...(container === undefined ? [] : [[`floe build ${container.name}`, "build an image"] as const]),
    ...(host === undefined || container !== undefined ? [] : [[`floe build ${host.name}`, "build a host"] as const]),
    ...(running.length === 0
      ? []
      : [[`floe adopt incus ${running.join(" ")}`, "take over what runs already"] as const]),
    ...(found.shells.length === 0 ? [] : [["floe shell", "enter a dev shell"] as const]),
  ];
}
