/** `web`, `host:crown`, `container:web`, `instance:web-1`, `@tag` and globs: which parts of the fleet a verb is about. */
import { UsageError } from "../errors.ts";
import { type Fleet, instancesOf } from "../model/fleet.ts";
import { nearest } from "../util/nearest.ts";
import { listed } from "./render/words.ts";

/** Names of what was chosen. A container brings its instances, an instance brings its container's image. */
export interface Selection {
  readonly hosts: ReadonlySet<string>;
  /** Container images. */
  readonly images: ReadonlySet<string>;
  readonly instances: ReadonlySet<string>;
  /** Homes that belong to no host; empty for verbs that are not about them. */
  readonly homes: ReadonlySet<string>;
}

/**
 * What the selectors choose together; none choose everything. Homes can be chosen `withHomes`: most verbs are not about them.
 * @throws UsageError for a selector that fits nothing, with the nearest name.
 */
export function select(fleet: Fleet, selectors: readonly string[], { withHomes = false } = {}): Selection {
  const things = thingsOf(fleet, withHomes);
  const chosen =
    selectors.length === 0
      ? things
      : selectors.flatMap((selector) => choose(things, selector, withHomes ? [...kinds, "home"] : kinds));
  const names = (kind: Kind): string[] => chosen.filter((thing) => thing.kind === kind).map((thing) => thing.name);
  const containers = new Set(names("container"));
  const direct = new Set(names("instance"));
  const instances = instancesOf(fleet).filter(
    (instance) => direct.has(instance.name) || containers.has(instance.container),
  );
  return {
    hosts: new Set(names("host")),
    images: new Set([...containers, ...instances.map((instance) => instance.container)]),
    instances: new Set(instances.map((instance) => instance.name)),
    homes: new Set(names("home")),
  };
}

// --- internal ---

type Kind = "host" | "container" | "instance" | "home";
const kinds: readonly Kind[] = ["host", "container", "instance"];

interface Thing {
  readonly kind: Kind;
  readonly name: string;
  readonly tags: readonly string[];
}

function thingsOf(fleet: Fleet, withHomes: boolean): Thing[] {
  return [
    ...Object.values(fleet.hosts).map(({ name, tags }) => ({ kind: "host" as const, name, tags })),
    ...Object.values(fleet.containers).map(({ name, tags }) => ({ kind: "container" as const, name, tags })),
    ...instancesOf(fleet).map(({ name, tags }) => ({ kind: "instance" as const, name, tags })),
    ...Object.values(withHomes ? (fleet.homes ?? {}) : {}).map(({ name, tags }) => ({
      kind: "home" as const,
      name,
      tags,
    })),
  ];
}

function choose(things: readonly Thing[], selector: string, kinds: readonly Kind[]): readonly Thing[] {
  if (selector.startsWith("@")) return chooseTag(things, selector.slice(1));
  const { kind, pattern } = splitKind(selector, kinds);
  const candidates = kind === undefined ? things : things.filter((thing) => thing.kind === kind);
  const matches = matcher(pattern);
  const found = candidates.filter((thing) => matches(thing.name));
  if (found.length > 0) return found;
  throw new UsageError(
    `There is no ${kind ?? listed(kinds, "or")} ${isGlob(pattern) ? "that fits" : "named"} "${pattern}"`,
    {
      hint: suggestName(things, candidates, pattern, kind),
    },
  );
}

function chooseTag(things: readonly Thing[], tag: string): readonly Thing[] {
  const matches = matcher(tag);
  const found = things.filter((thing) => thing.tags.some(matches));
  if (found.length > 0) return found;
  const tags = [...new Set(things.flatMap((thing) => thing.tags))].sort();
  const near = nearest(tag, tags);
  throw new UsageError(`Nothing carries the tag "${tag}"`, {
    hint:
      near !== undefined
        ? `Did you mean @${near}?`
        : tags.length === 0
          ? "This fleet has no tags"
          : `Tags: ${tags.join(", ")}`,
  });
}

function splitKind(selector: string, kinds: readonly Kind[]): { kind: Kind | undefined; pattern: string } {
  const colon = selector.indexOf(":");
  if (colon < 0) return { kind: undefined, pattern: selector };
  const prefix = selector.slice(0, colon);
  const kind = kinds.find((candidate) => candidate === prefix);
  if (kind !== undefined) return { kind, pattern: selector.slice(colon + 1) };
  const near = nearest(prefix, kinds);
  throw new UsageError(`There is no kind "${prefix}" in the selector "${selector}"`, {
    hint: near === undefined ? `Kinds: ${kinds.join(", ")}` : `Did you mean ${near}:${selector.slice(colon + 1)}?`,
  });
}

function suggestName(
  things: readonly Thing[],
  candidates: readonly Thing[],
  pattern: string,
  kind: Kind | undefined,
): string {
  const elsewhere = kind === undefined ? undefined : things.find((thing) => thing.name === pattern);
  if (elsewhere !== undefined)
    return `"${pattern}" is ${elsewhere.kind === "instance" ? "an" : "a"} ${elsewhere.kind}: ${elsewhere.kind}:${pattern}`;
  const near = isGlob(pattern)
    ? undefined
    : nearest(
        pattern,
        candidates.map((thing) => thing.name),
      );
  if (near !== undefined) return `Did you mean ${kind === undefined ? near : `${kind}:${near}`}?`;
  return candidates.length === 0
    ? "The fleet has none yet"
    : `There are: ${[...new Set(candidates.map((thing) => thing.name))].join(", ")}`;
}

function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** `*`, `?` and `[abc]`; without them the name itself. */
function matcher(pattern: string): (name: string) => boolean {
  if (!isGlob(pattern)) return (name) => name === pattern;
  const source = pattern.replace(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 1) return `[${part.slice(1, -1).replace(/^!/, "^").replace(/\\/g, "\\\\")}]`;
    return part.replace(/[.+^${}()|\\[\]]/g, "\\$&");
  });
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}
