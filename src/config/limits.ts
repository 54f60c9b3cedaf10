import type { Field } from "./field.ts";
import { readScalar } from "./scalar.ts";

/** `{ cpu: 2, disk: { priority: 5 } }` as the config keys `limits.cpu` and `limits.disk.priority`. */
export function readLimits(field: Field, instance: string): Record<string, string> {
  return Object.fromEntries(limitsBelow(field, "limits", instance));
}

// --- internal ---

function limitsBelow(field: Field, prefix: string, instance: string): [string, string][] {
  return Object.values(
    field.entries((value, name): [string, string][] => {
      const key = `${prefix}.${name}`;
      const isGroup = typeof value.value === "object" && value.value !== null && !Array.isArray(value.value);
      return isGroup
        ? limitsBelow(value, key, instance)
        : [[key, readScalar(value.named(`limit "${key}" of ${instance}`))]];
    }),
  ).flat();
}
