/** A nixpkgs that comes in beside the project's own, through another input. Pure. */
import { type FlakeLock, isSameSource, type LockedInput } from "./flake-lock.ts";
import type { PartKind } from "./parts.ts";

export interface SecondNixpkgs {
  /** How it comes in: `home-manager/nixpkgs`. */
  readonly path: string;
  readonly rev?: string;
  /** The project's own that it could be. */
  readonly own: string;
  /** Lines of flake.nix, or of floe.config.ts, that make it that. */
  readonly remedy: string;
  /** What of the fleet is built from it; empty: nothing is. Absent: that cannot be found out. */
  readonly inClosureOf?: readonly SecondUse[];
  /** Paths of others that build with the very same tools: what is in a closure may be of one of these instead. */
  readonly orOf?: readonly string[];
}

/** A part of the fleet that is built from a second nixpkgs. */
export interface SecondUse {
  readonly kind: PartKind;
  readonly name: string;
  /** Nothing of it is built from one of the project's own. */
  readonly isAlone: boolean;
}

/** What flake.nix calls a nixpkgs: the repository of that name, wherever it is. */
export function isNixpkgs({ source, asked }: Pick<LockedInput, "source" | "asked">): boolean {
  if (asked["type"] === "indirect" && asked["id"] === "nixpkgs") return true;
  if (source["repo"]?.toLowerCase() === "nixpkgs") return true;
  const url = source["url"] ?? asked["url"] ?? source["path"] ?? "";
  return /(?:^|[/.-])nixpkgs(?:\.git)?\/?(?:[?#].*)?$|\/nixexprs\.tar\.\w+$|[/.]nixos\.org\/(?:channels|nixos)\//i.test(
    url,
  );
}

/** The project's own, by their paths. */
export function ownNixpkgs(lock: FlakeLock): string[] {
  return lock.own.filter(isNixpkgs).map(({ path }) => path);
}

/**
 * Each nixpkgs that is not the same as one of the project's own. Two that the project names itself are meant; one that an input brings is
 * mostly not, and doubles what is downloaded and what a security correction has to reach.
 */
export function secondNixpkgs(lock: FlakeLock, language: "typescript" | "nix"): SecondNixpkgs[] {
  const own = lock.own.filter(isNixpkgs);
  const main = own.find(({ path }) => path === "nixpkgs") ?? own[0];
  if (main === undefined) return [];
  return lock.all.flatMap((input) => {
    if (!input.path.includes("/") || !isNixpkgs(input) || own.some((one) => isSameSource(one, input))) return [];
    const { path, rev } = input;
    const remedy = language === "nix" ? inNix(path, main.path) : inTypeScript(path, main.path);
    return [{ path, own: main.path, remedy, ...(rev === undefined ? {} : { rev }) }];
  });
}

// --- internal ---

function inNix(path: string, own: string): string {
  const inputs = path.split("/").map((name) => `inputs.${name}.`);
  return `${inputs.join("")}follows = "${own}";`;
}

/** `follows` reaches one input deep; a deeper one is made an input of the fleet, which the one that brings it follows. */
function inTypeScript(path: string, own: string): string {
  const names = path.split("/");
  const [last = "", holder = "", ...outer] = names.toReversed();
  const lines = [`${property(holder)}: { url: ..., follows: { ${property(last)}: "${own}" } }`];
  let inner = holder;
  for (const name of outer) {
    lines.push(`${property(name)}: { url: ..., follows: { ${property(inner)}: "${inner}" } }`);
    inner = name;
  }
  return lines.join(",\n");
}

function property(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name}"`;
}
