/** graph: the fleet, drawn. */
import { StateError } from "../errors.ts";
import type { Graph, GraphSelection } from "../graph/graph.ts";
import type { Fleet } from "../model/fleet.ts";
import { writeFileWhole } from "../util/files.ts";

/** How a graph can be written. */
export type GraphFormat = "svg" | "mermaid" | "dot";

/** The fleet as a graph, and drawn. */
export async function drawGraph(
  fleet: Fleet,
  selection: GraphSelection,
  format: GraphFormat,
): Promise<{ readonly graph: Graph; readonly text: string }> {
  const { graphOf } = await import("../graph/graph.ts");
  const graph = graphOf(fleet, selection);
  if (format === "svg") return { graph, text: (await import("../graph/to-svg.ts")).toSvg(graph) };
  const { toDot, toMermaid } = await import("../graph/to-text.ts");
  return { graph, text: format === "dot" ? toDot(graph) : toMermaid(graph) };
}

/** Writes a drawing where the user wants it. @throws StateError */
export function writeDrawing(file: string, text: string): void {
  try {
    writeFileWhole(file, text);
  } catch (cause) {
    throw new StateError(`"${file}" cannot be written: ${(cause as Error).message}`, { cause });
  }
}
