import type { Field } from "./field.ts";
import { defaultSystem, readSystem } from "./system.ts";
import { readTags } from "./tags.ts";

/** What a home says of itself beside its module. */
export interface ReadHome {
  readonly system: string;
  readonly tags: readonly string[];
}

export function readHome(field: Field): ReadHome {
  const keys = field.keys("system", "tags", "nixpkgs", "specialArgs");
  return { system: keys.system.optional(readSystem) ?? defaultSystem, tags: readTags(keys.tags) };
}
