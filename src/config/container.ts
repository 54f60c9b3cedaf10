import type { Field } from "./field.ts";
import { type ReadInstance, readInstance } from "./instance.ts";
import { defaultSystem, readSystem } from "./system.ts";
import { readTags } from "./tags.ts";

/** What a container says of itself beside its module. */
export interface ReadContainer {
  readonly system: string;
  readonly tags: readonly string[];
  readonly instances: readonly ReadInstance[];
}

export function readContainer(field: Field, name: string, servers: readonly string[]): ReadContainer {
  const keys = field.keys("system", "tags", "instances", "nixpkgs", "specialArgs");
  return {
    system: keys.system.optional(readSystem) ?? defaultSystem,
    tags: readTags(keys.tags),
    instances: Object.values(
      keys.instances.entries((spec, instance) => readInstance(spec, instance, { container: name, servers })),
    ),
  };
}
