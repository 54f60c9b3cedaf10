/** How a node is called in a drawing. */
import type { GraphNode, NodeKind } from "./graph.ts";

/** Names of volumes and ports are unlike any other by their server and pool; a drawing shows those by its edges. */
export function shownName({ kind, name }: GraphNode): string {
  if (kind === "volume") return name.slice(name.lastIndexOf("/") + 1);
  if (kind === "port") return name.slice(name.indexOf("/") + 1);
  return name;
}

/** Fill and outline, for a light and for a dark page; text on any of them has a contrast of at least 4.5 to 1. */
export const kindColors: Readonly<
  Record<NodeKind, { readonly light: readonly [string, string]; readonly dark: readonly [string, string] }>
> = {
  host: { light: ["#e0edff", "#2f6feb"], dark: ["#14284a", "#6ea3ff"] },
  server: { light: ["#e9e9ee", "#6b7280"], dark: ["#2a2d34", "#9aa3b2"] },
  container: { light: ["#e6f5e9", "#2e8b4f"], dark: ["#15321f", "#6fce8f"] },
  instance: { light: ["#fff3d6", "#b7791f"], dark: ["#3a2c0d", "#e5b454"] },
  volume: { light: ["#f3e8fd", "#8e44c9"], dark: ["#2f1c42", "#c894f2"] },
  port: { light: ["#e0f6f6", "#13808a"], dark: ["#0d3438", "#5cc8d2"] },
  shell: { light: ["#fde8ec", "#c2355a"], dark: ["#401824", "#f08aa4"] },
};
