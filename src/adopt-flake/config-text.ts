/** floe.config.ts for what was found in a flake. Pure. */
import { quote } from "./classify.ts";
import type { Found, FoundContainer, FoundHome, FoundHost, FoundShell } from "./found.ts";

/** A line of the fleet: `crown: host({ ... }),`, with comments above it. */
export interface Entry {
  readonly name: string;
  readonly lines: readonly string[];
}

export interface Entries {
  readonly hosts: readonly Entry[];
  readonly homes: readonly Entry[];
  readonly containers: readonly Entry[];
  readonly shells: readonly Entry[];
}

/** Each of what was found, as it stands in its group of the fleet. */
export function entriesOf({ hosts, homes, containers, shells }: Pick<Found, keyof Entries>): Entries {
  return {
    hosts: hosts.map(hostEntry),
    homes: homes.map(homeEntry),
    containers: containers.map(containerEntry),
    shells: shells.map(shellEntry),
  };
}

/** `name` where the folder's own cannot be the fleet's. With `inFiles` containers have a file each, see `containerFiles`: there `floe adopt incus` can put what it writes beside them. */
export function configText(
  found: Found,
  { inFiles = false, name }: { inFiles?: boolean; name?: string | undefined } = {},
): string {
  const entries = entriesOf(found);
  const groups = (["hosts", "homes", "containers", "shells"] as const).filter((group) => entries[group].length > 0);
  const functionOf = (group: keyof Entries): string => (inFiles && group === "containers" ? "dir" : group.slice(0, -1));
  const functions = ["fleet", ...groups.map(functionOf)].sort();
  const { description } = found;
  return [
    `import { ${functions.join(", ")} } from "floe";`,
    "",
    "// What ./flake.nix has, by name. The flake stays as it is: floe reads it and never writes it.",
    "export default fleet({",
    ...(name === undefined ? [] : [`  name: ${quote(name)},`]),
    ...(description === undefined ? [] : [`  description: ${quote(description)},`]),
    '  flake: "./flake.nix",',
    ...groups.flatMap((group) =>
      functionOf(group) === "dir"
        ? [`  ${group}: dir("./${group}"),`]
        : [
            ...(group === "containers" ? [`  ${INSTANCES}`] : []),
            `  ${group}: {`,
            ...entries[group].flatMap(({ lines }) => lines.map((line) => `    ${line}`)),
            "  },",
          ],
    ),
    "});",
    "",
  ].join("\n");
}

/** Texts by path: each container in a file of its name. */
export function containerFiles({ containers }: Pick<Found, "containers">): ReadonlyMap<string, string> {
  return new Map(
    containers.map((container) => {
      const { lines } = containerEntry(container);
      const body = lines.map((line) => line.replace(/^\S+: container\(\{$/, "export default container({"));
      const text = ['import { container } from "floe";', "", ...body.slice(0, -1), "});", ""].join("\n");
      return [`containers/${container.name}.ts`, text];
    }),
  );
}

// --- internal ---

/** Columns that a line may have with the four that it is indented by. */
const WIDEST = 112;
const INSTANCES = "// `instances` says what runs in Incus: { web: { ports: { 8080: 80 } } }";

type Field = readonly [name: string, value: string];

function hostEntry({ name, from, system, target, note }: FoundHost): Entry {
  const fields: Field[] = [
    ["from", quote(from)],
    ["system", quote(system)],
    ...(target === undefined ? [] : [["target", quote(target)] as const]),
  ];
  return entry(name, "host", fields, note);
}

function homeEntry({ name, from, system, user, note }: FoundHome): Entry {
  const fields: Field[] = [
    ["from", quote(from)],
    ["system", quote(system)],
    ["user", quote(user)],
  ];
  return entry(name, "home", fields, note);
}

function containerEntry({ name, from, system, note }: FoundContainer): Entry {
  const parts: Field[] = [
    ["rootfs", quote(from.rootfs)],
    ["metadata", quote(from.metadata)],
  ];
  const line = `{ ${joined(parts)} }`;
  const broken = `{\n${indented(parts, 4)}\n  }`;
  const fields: Field[] = [
    ["from", `  from: ${line},`.length + 4 <= WIDEST ? line : broken],
    ["system", quote(system)],
    ["instances", "{}"],
  ];
  return { name, lines: [...comment(note), `${key(name)}: container({`, ...indented(fields, 2).split("\n"), "}),"] };
}

function shellEntry({ name }: FoundShell): Entry {
  return entry(name, "shell", [["from", quote(name)]], undefined);
}

function entry(name: string, call: string, fields: readonly Field[], note: string | undefined): Entry {
  const line = `${key(name)}: ${call}({ ${joined(fields)} }),`;
  const lines =
    line.length + 4 <= WIDEST ? [line] : [`${key(name)}: ${call}({`, ...indented(fields, 2).split("\n"), "}),"];
  return { name, lines: [...comment(note), ...lines] };
}

function joined(fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${name}: ${value}`).join(", ");
}

function indented(fields: readonly Field[], depth: number): string {
  return fields.map(([name, value]) => `${" ".repeat(depth)}${name}: ${value},`).join("\n");
}

function comment(note: string | undefined): string[] {
  return note === undefined ? [] : [`// ${note.replace(/\s+/g, " ")}`];
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}
