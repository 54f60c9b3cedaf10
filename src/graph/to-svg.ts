/** A graph as an SVG that any browser shows, in light and dark, drawn here. */
import { Graph as DagreGraph, layout } from "@dagrejs/dagre";
import type { Graph, GraphNode, NodeKind } from "./graph.ts";
import { kindColors, shownName } from "./labels.ts";

/** All lengths are pixels. */
const margin = 24;
const titleHeight = 40;
const nodeHeight = 46;
const padding = 14;
const nameSize = 14;
const smallSize = 11;
/** Of a letter, beside the size of the font: the widest of the fonts named below on the average. */
const letterWidth = 0.58;

export function toSvg(graph: Graph): string {
  const placed = place(graph);
  const width = Math.max(placed.width, textWidth(graph.title, 18)) + 2 * margin;
  const height = placed.height + 2 * margin + titleHeight;
  const kinds = [...new Set(graph.nodes.map(({ kind }) => kind))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escapeXml(graph.title)}</title>`,
    `<desc id="desc">${escapeXml(describe(graph))}</desc>`,
    `<style>${style(kinds)}</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" class="head"/></marker></defs>',
    '<rect class="page" width="100%" height="100%"/>',
    `<text class="heading" x="${margin}" y="${margin + 16}">${escapeXml(graph.title)}</text>`,
    `<g transform="translate(${margin} ${margin + titleHeight})">`,
    ...placed.edges.map(drawEdge),
    ...placed.nodes.map(drawNode),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

// --- internal ---

interface Point {
  readonly x: number;
  readonly y: number;
}

interface PlacedNode extends Point {
  readonly node: GraphNode;
  readonly width: number;
}

interface PlacedEdge {
  readonly points: readonly Point[];
  readonly label: string | undefined;
  readonly at: Point;
}

function place({ nodes, edges }: Graph) {
  const drawn = new DagreGraph({ multigraph: true });
  drawn.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 70, edgesep: 12 });
  for (const node of nodes) drawn.setNode(node.id, { width: widthOf(node), height: nodeHeight });
  for (const [index, { from, to, label }] of edges.entries())
    drawn.setEdge(
      from,
      to,
      label === undefined ? {} : { width: textWidth(label, smallSize), height: smallSize + 4, labelpos: "c" },
      String(index),
    );
  layout(drawn);
  const size = drawn.graph() as { readonly width?: number; readonly height?: number };
  return {
    // An empty graph has no size.
    width: Number.isFinite(size.width) ? (size.width ?? 0) : 0,
    height: Number.isFinite(size.height) ? (size.height ?? 0) : 0,
    nodes: nodes.map((node): PlacedNode => ({ node, ...(drawn.node(node.id) as Point & { readonly width: number }) })),
    edges: edges.map(({ from, to, label }, index): PlacedEdge => {
      const { points, x, y } = drawn.edge(from, to, String(index)) as Point & { readonly points: Point[] };
      return { points, label, at: { x, y } };
    }),
  };
}

function widthOf(node: GraphNode): number {
  return Math.max(textWidth(shownName(node), nameSize), textWidth(small(node), smallSize)) + 2 * padding;
}

function small({ kind, detail }: GraphNode): string {
  return detail === undefined ? kind : `${kind} · ${detail}`;
}

function textWidth(text: string, size: number): number {
  return [...text].length * size * letterWidth;
}

function drawNode({ node, x, y, width }: PlacedNode): string {
  const [left, top] = [round(x - width / 2), round(y - nodeHeight / 2)];
  const radius = node.kind === "port" ? nodeHeight / 2 : 8;
  return [
    `<g class="node ${node.kind}">`,
    `<rect x="${left}" y="${top}" width="${round(width)}" height="${nodeHeight}" rx="${radius}"/>`,
    `<text class="name" x="${round(x)}" y="${round(y - 2)}">${escapeXml(shownName(node))}</text>`,
    `<text class="small" x="${round(x)}" y="${round(y + 14)}">${escapeXml(small(node))}</text>`,
    "</g>",
  ].join("");
}

function drawEdge({ points, label, at }: PlacedEdge): string {
  const path = `<path class="edge" d="${curve(points)}" marker-end="url(#head)"/>`;
  if (label === undefined) return path;
  const width = textWidth(label, smallSize) + 6;
  return [
    path,
    `<rect class="page" x="${round(at.x - width / 2)}" y="${round(at.y - 8)}" width="${round(width)}" height="16"/>`,
    `<text class="label" x="${round(at.x)}" y="${round(at.y + 4)}">${escapeXml(label)}</text>`,
  ].join("");
}

/** Through the middles between the points, bent at the points. */
function curve([first, ...others]: readonly Point[]): string {
  if (first === undefined) return "";
  const last = others.at(-1) ?? first;
  const bends = others.slice(0, -1).map((point, index) => {
    const next = others[index + 1] ?? point;
    const end = index === others.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${round(point.x)} ${round(point.y)} ${round(end.x)} ${round(end.y)}`;
  });
  const rest = bends.length > 0 ? bends.join("") : `L${round(last.x)} ${round(last.y)}`;
  return `M${round(first.x)} ${round(first.y)}${rest}`;
}

function style(kinds: readonly NodeKind[]): string {
  const rules = (scheme: "light" | "dark"): string =>
    kinds
      .map((kind) => {
        const [fill, stroke] = kindColors[kind][scheme];
        return `.${kind} rect{fill:${fill};stroke:${stroke}}`;
      })
      .join("");
  const page = (background: string, text: string, faint: string, line: string): string =>
    `.page{fill:${background}}text{fill:${text}}.small,.label{fill:${faint}}.edge{stroke:${line}}.head{fill:${line}}`;
  return [
    "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;text-anchor:middle}",
    `.heading{font-size:18px;font-weight:600;text-anchor:start}.name{font-size:${nameSize}px;font-weight:600}`,
    `.small,.label{font-size:${smallSize}px}.node rect{stroke-width:1.5}.edge{fill:none;stroke-width:1.3}`,
    page("#ffffff", "#1b1f24", "#4b5563", "#9aa3af"),
    rules("light"),
    `@media(prefers-color-scheme:dark){${page("#14171c", "#eceff4", "#b4bcc8", "#6b7482")}${rules("dark")}}`,
  ].join("");
}

function describe({ nodes, edges }: Graph): string {
  const names = new Map(nodes.map((node) => [node.id, `${node.kind} ${shownName(node)}`]));
  return edges
    .map(({ from, to, label }) => `${names.get(from)} to ${names.get(to)}${label === undefined ? "" : ` (${label})`}`)
    .join("; ");
}

/** Control characters, which XML has no way to write, are seen as what they are not. */
function escapeXml(text: string): string {
  return text.replace(/\p{Cc}/gu, "\ufffd").replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
