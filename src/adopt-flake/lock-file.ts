/** Reads flake.lock: what its keys mean to a person. */
import { isRecord } from "../util/files.ts";

/** An input by its key in flake.lock. */
export interface LockedInput {
  /** The way to it from the flake, for example `home-manager/nixpkgs`. */
  readonly name: string;
  /** As flake.nix may write it. */
  readonly url: string;
}

/** Every input of a lock file that the flake reaches, by its key; empty for a text that is none. */
export function lockedInputs(text: string | undefined): ReadonlyMap<string, LockedInput> {
  const lock = parse(text);
  const nodes = isRecord(lock["nodes"]) ? lock["nodes"] : {};
  const root = typeof lock["root"] === "string" ? lock["root"] : "root";
  const found = new Map<string, LockedInput>();
  const waiting: [key: string, name: string][] = [[root, ""]];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [key, name] = next;
    const node = nodes[key];
    if (!isRecord(node) || found.has(key)) continue;
    if (key !== root || name !== "") found.set(key, { name, url: urlOf(node) });
    const inputs = isRecord(node["inputs"]) ? node["inputs"] : {};
    for (const [input, named] of Object.entries(inputs))
      if (typeof named === "string" && named !== root) waiting.push([named, name === "" ? input : `${name}/${input}`]);
  }
  return found;
}

// --- internal ---

function parse(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function urlOf(node: Record<string, unknown>): string {
  const original = isRecord(node["original"]) ? node["original"] : isRecord(node["locked"]) ? node["locked"] : {};
  const { type, owner, repo, ref, rev, url, path, id, dir } = original;
  const words = (parts: readonly unknown[]): string => parts.filter((part) => typeof part === "string").join("/");
  const query = typeof dir === "string" ? `?dir=${dir}` : "";
  if (typeof owner === "string") return `${String(type)}:${words([owner, repo, ref ?? rev])}${query}`;
  if (typeof url === "string") return `${type === "git" && !url.startsWith("git+") ? "git+" : ""}${url}${query}`;
  if (typeof path === "string") return `path:${path}`;
  if (typeof id === "string") return `flake:${words([id, ref ?? rev])}`;
  return "an address of its own";
}
