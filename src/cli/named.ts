/** What a name means for verbs that take hosts, instances and homes alike. */
import { UsageError } from "../errors.ts";
import { type Fleet, type Home, type Host, type Instance, instancesOf } from "../model/fleet.ts";
import { nearest } from "../util/nearest.ts";
import { listed } from "./render/words.ts";

export type Named =
  | { readonly kind: "host"; readonly name: string; readonly host: Host }
  | { readonly kind: "instance"; readonly name: string; readonly instance: Instance }
  | { readonly kind: "home"; readonly name: string; readonly home: Home };

/**
 * The host, instance or home of that name; `host:crown`, `instance:web-1` and `home:me@laptop` say which.
 * @throws UsageError for a name that is not there, with the nearest, and for one that means several
 */
export function findNamed(fleet: Fleet, text: string): Named {
  const [, kind, name = text] = /^(host|instance|home):(.*)$/s.exec(text) ?? [];
  const all = everything(fleet).filter((one) => kind === undefined || one.kind === kind);
  const found = all.filter((one) => one.name === name);
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined)
    throw new UsageError(`"${name}" is ${listed(found.map((one) => `${articles[one.kind]} ${one.kind}`))}`, {
      hint: `Say which: ${listed(
        found.map((one) => `${one.kind}:${name}`),
        "or",
      )}`,
    });
  throw notThere(fleet, name, kind, all);
}

// --- internal ---

const articles = { host: "a", instance: "an", home: "a" } as const;

function everything(fleet: Fleet): Named[] {
  return [
    ...Object.values(fleet.hosts).map((host) => ({ kind: "host" as const, name: host.name, host })),
    ...instancesOf(fleet).map((instance) => ({ kind: "instance" as const, name: instance.name, instance })),
    ...Object.values(fleet.homes ?? {}).map((home) => ({ kind: "home" as const, name: home.name, home })),
  ];
}

function notThere(fleet: Fleet, name: string, kind: string | undefined, all: readonly Named[]): UsageError {
  const container = fleet.containers[name];
  if (kind === undefined && container !== undefined)
    return new UsageError(`"${name}" is a container, not one of its instances`, {
      hint: `There are: ${Object.keys(container.instances).join(", ") || "none"}`,
    });
  const names = [...new Set(all.map((one) => one.name))];
  const near = nearest(name, names);
  return new UsageError(`There is no ${kind ?? "host, instance or home"} named "${name}"`, {
    hint:
      near !== undefined
        ? `Did you mean ${near}?`
        : names.length === 0
          ? "The fleet has none yet"
          : `There are: ${names.join(", ")}`,
  });
}
