import type { MachineTarget } from "./machine.ts";

/**
 * A host's `target`: `local`, an SSH destination, `incus:SERVER/INSTANCE`, or `incus:SERVER/PROJECT/INSTANCE`. Whether it can be right was
 * checked when the fleet was read. `project` is meant where none is named.
 */
export function parseTarget(text: string, { project = "default" }: { readonly project?: string } = {}): MachineTarget {
  if (text === "local") return { kind: "local" };
  if (!text.startsWith("incus:")) return { kind: "ssh", destination: text };
  const [server = "", ...path] = text.slice("incus:".length).split("/");
  const instance = path.at(-1) ?? "";
  return { kind: "incus", server, project: path.length > 1 ? (path[0] ?? "") : project, instance };
}

/** For messages: `this machine`, `root@crown.lan`, `the instance "web-1" on "crown"`. */
export function describeTarget(target: MachineTarget): string {
  switch (target.kind) {
    case "local":
      return "this machine";
    case "ssh":
      return target.destination;
    case "incus":
      return `the instance "${target.instance}" on "${target.server}"`;
  }
}
