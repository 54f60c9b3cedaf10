/** A graph in the two languages that other tools draw: Mermaid and dot. */
import type { Graph, GraphNode, NodeKind } from "./graph.ts";
import { kindColors, shownName } from "./labels.ts";

/** For GitHub, GitLab and https://mermaid.js.org/syntax/flowchart.html. */
export function toMermaid({ title, nodes, edges }: Graph): string {
  const ids = numbered(nodes);
  return lines([
    "---",
    `title: ${JSON.stringify(title)}`,
    "---",
    "flowchart LR",
    ...nodes.map((node) => `  ${ids.get(node.id)}${shape(node.kind, mermaidText(node))}:::${node.kind}`),
    ...edges.map(
      ({ from, to, label }) =>
        `  ${ids.get(from)} -->${label === undefined ? "" : `|"${escapeMermaid(label)}"|`} ${ids.get(to)}`,
    ),
    ...kindsOf(nodes).map((kind) => {
      const [fill, stroke] = kindColors[kind].light;
      return `  classDef ${kind} fill:${fill},stroke:${stroke},color:#1b1f24`;
    }),
  ]);
}

/** For Graphviz. */
export function toDot({ title, nodes, edges }: Graph): string {
  return lines([
    `digraph ${quoteDot(title)} {`,
    "  rankdir=LR;",
    '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
    ...nodes.map((node) => {
      const [fill, stroke] = kindColors[node.kind].light;
      const label = quoteDot([shownName(node), ...secondLine(node)].join("\n"));
      return `  ${quoteDot(node.id)} [label=${label}, fillcolor="${fill}", color="${stroke}"];`;
    }),
    ...edges.map(
      ({ from, to, label }) =>
        `  ${quoteDot(from)} -> ${quoteDot(to)}${label === undefined ? "" : ` [label=${quoteDot(label)}]`};`,
    ),
    "}",
  ]);
}

// --- internal ---

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}

/** Names may be words of Mermaid's own, such as `end`. */
function numbered(nodes: readonly GraphNode[]): ReadonlyMap<string, string> {
  return new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
}

function kindsOf(nodes: readonly GraphNode[]): NodeKind[] {
  return [...new Set(nodes.map(({ kind }) => kind))];
}

function secondLine({ kind, detail }: GraphNode): string[] {
  return [detail === undefined ? kind : `${kind}, ${detail}`];
}

function mermaidText(node: GraphNode): string {
  return `"${[shownName(node), ...secondLine(node)].map(escapeMermaid).join("<br>")}"`;
}

function shape(kind: NodeKind, text: string): string {
  if (kind === "volume") return `[(${text})]`;
  if (kind === "port") return `([${text}])`;
  return `[${text}]`;
}

/** Mermaid's own entities: https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters */
function escapeMermaid(text: string): string {
  return text.replace(/[#"<>&;`\n]/g, (character) => `#${character.codePointAt(0)};`);
}

function quoteDot(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
