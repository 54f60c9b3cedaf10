/** Hosts wait for each other by name, so every name must be there, and no wait may go round in a circle. */
import { nearest } from "../util/nearest.ts";
import type { NamedField } from "./checks.ts";
import { circleThrough } from "./circle.ts";

export interface DependingHost {
  readonly system: NamedField;
  /** Undefined when it could not be read. */
  readonly value: { readonly dependsOn?: readonly string[] } | undefined;
}

export function checkHostDependencies(hosts: readonly DependingHost[]): void {
  const names = hosts.map(({ system }) => system.name);
  const after = (name: string): readonly string[] =>
    hosts.find(({ system }) => system.name === name)?.value?.dependsOn ?? [];
  for (const { system } of hosts) {
    const { name, field } = system;
    for (const [index, other] of after(name).entries()) {
      if (names.includes(other)) continue;
      const others = names.filter((one) => one !== name);
      const near = nearest(other, others);
      field
        .child("dependsOn", undefined)
        .child(String(index), undefined)
        .report(
          `${field.subject} depends on "${other}", which is no host of the fleet${near === undefined ? "" : `; did you mean "${near}"?`}`,
          near === undefined ? `Hosts: ${others.join(", ") || "no other"}` : undefined,
        );
    }
    const circle = circleThrough(name, after);
    // Told once, at the first of its names.
    if (circle !== undefined && [...circle].sort()[0] === name)
      field
        .child("dependsOn", undefined)
        .report(`Hosts depend on each other in a circle: ${[...circle, name].join(" → ")}`);
  }
}
