import { extname, resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import { drawGraph, type GraphFormat, load, recall, writeDrawing } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { select } from "../selectors.ts";

export interface GraphFlags extends GlobalFlags {
  readonly format?: GraphFormat;
  readonly out?: string;
}

export async function graph(this: Cli, flags: GraphFlags, ...selectors: string[]): Promise<void> {
  const format = formatOf(flags);
  const project = openProject(this, flags);
  const drawing = await withProgress(this, flags, async ({ emit }) => {
    const work = { emit, signal: this.signal };
    const nothing = () => ({ hosts: [], containers: [], shells: [] });
    const fleet = (await recall(project, nothing, work))?.fleet ?? (await load(project, work));
    // A shell has no tag and no selector: shells are drawn with the whole.
    const shells = new Set(selectors.length === 0 ? Object.keys(fleet.shells) : []);
    return drawGraph(fleet, { ...select(fleet, selectors), shells }, format);
  });
  if (flags.out !== undefined) {
    const file = resolve(this.cwd, flags.out);
    writeDrawing(file, drawing.text);
    this.process.stderr.write(`Drawn: ${flags.out}\n`);
    if (!flags.json) return;
  }
  writeResult(this, flags, "graph", { graph: drawing.graph }, () => drawing.text);
}

// --- internal ---

const formats: Readonly<Record<string, GraphFormat>> = {
  ".svg": "svg",
  ".mmd": "mermaid",
  ".mermaid": "mermaid",
  ".dot": "dot",
  ".gv": "dot",
};

function formatOf({ format, out }: GraphFlags): GraphFormat {
  if (format !== undefined) return format;
  if (out === undefined) return "mermaid";
  const known = formats[extname(out).toLowerCase()];
  if (known !== undefined) return known;
  throw new UsageError(`The name "${out}" does not say how the graph is to be written`, {
    hint: `End it in ${Object.keys(formats).join(", ")}, or give --format`,
  });
}
