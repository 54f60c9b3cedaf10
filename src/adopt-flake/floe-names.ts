/** Names that floe takes, for things that the flake calls something else. Pure. */
import { isHomeName, isLabel, isShellName } from "../config/names.ts";
import type { Found, FoundContainer, FoundHome, FoundHost, FoundShell, Unclassified } from "./found.ts";

/** Everything under a name that floe.config.ts can give it; what cannot have one is unclassified. */
export function withFloeNames(found: Found): Found {
  const hosts = renamed<FoundHost>(found.hosts, { toName: asLabel, placeOf: ({ from }) => from });
  const containers = renamed<FoundContainer>(found.containers, { toName: asLabel, placeOf: ({ from }) => from.rootfs });
  const homes = renamed<FoundHome>(found.homes, { toName: asHome, placeOf: ({ from }) => from });
  const shells = renamed<FoundShell>(found.shells, {
    toName: asShell,
    placeOf: ({ name }) => `devShells.${found.system}.${name}`,
  });
  return {
    ...found,
    hosts: hosts.members,
    containers: containers.members,
    homes: homes.members,
    shells: shells.members,
    unclassified: [...found.unclassified, ...[hosts, containers, homes, shells].flatMap(({ without }) => without)],
  };
}

// --- internal ---

interface Renaming<T> {
  /** The name that floe takes; undefined when there is none like it. */
  readonly toName: (name: string) => string | undefined;
  readonly placeOf: (member: T) => string;
}

function renamed<T extends { readonly name: string; readonly note?: string }>(
  members: readonly T[],
  { toName, placeOf }: Renaming<T>,
): { readonly members: T[]; readonly without: Unclassified[] } {
  const taken = new Map(members.flatMap(({ name }) => (toName(name) === name ? [[name, name] as const] : [])));
  const named: T[] = [];
  const without: Unclassified[] = [];
  for (const member of members) {
    const { name } = member;
    const wanted = toName(name);
    const owner = wanted === undefined ? undefined : (taken.get(wanted) ?? name);
    if (wanted === undefined || owner !== name) {
      const reason = wanted === undefined ? "floe has no name like it" : `another is called "${wanted}" already`;
      without.push({
        path: placeOf(member),
        reason,
        byHand: `under a name of your choice, with from: '${placeOf(member)}'`,
      });
      continue;
    }
    taken.set(wanted, name);
    const note = wanted === name ? member.note : [`"${name}" in the flake`, member.note].filter(Boolean).join("; ");
    named.push({ ...member, name: wanted, ...(note === undefined ? {} : { note }) });
  }
  return { members: named, without };
}

function asLabel(name: string): string | undefined {
  const label = name.replace(/[^A-Za-z0-9-]+/g, "-").replace(/^-+|-+$/g, "");
  return isLabel(label) ? label : undefined;
}

function asHome(name: string): string | undefined {
  if (isHomeName(name)) return name;
  const [user = "", ...rest] = name.split("@");
  const host = rest.length === 0 ? undefined : asLabel(rest.join("-"));
  const home = host === undefined ? user : `${user}@${host}`;
  return isHomeName(home) ? home : undefined;
}

function asShell(name: string): string | undefined {
  return isShellName(name) ? name : undefined;
}
