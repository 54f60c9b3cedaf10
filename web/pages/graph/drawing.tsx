/** The drawing of the server, built anew from what is harmless in it, in the colours of the page and of what runs now. */
import { h, type JSX } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import type { GraphNode } from "../../../src/graph/graph.ts";
import type { DrawnGraph, FleetState } from "../../../src/serve/protocol.ts";
import { healthOf, needsAttention } from "../../lib/fleet-view.ts";
import { readSvg, type SvgElement } from "../../lib/svg.ts";
import { href } from "../../state/base.ts";
import { fleet } from "../../state/store.ts";
import { Button, Empty, Section, State, type Tone } from "../../ui/basics.tsx";

export function Drawing({ drawn }: { readonly drawn: DrawnGraph }): JSX.Element {
  const tree = useMemo(() => parse(drawn.svg), [drawn.svg]);
  const [zoom, setZoom] = useState(1);
  const box = useRef<HTMLDivElement>(null);
  if (drawn.graph.nodes.length === 0)
    return (
      <div class="card">
        <Empty icon="graph" title="Nothing to draw yet" />
      </div>
    );
  return (
    <>
      <div class="graph card">
        <div class="graph-tools">
          <Legend />
          <Button kind="quiet" isSmall label="Smaller" onClick={() => setZoom(Math.max(0.25, zoom / 1.25))}>
            −
          </Button>
          <Button kind="quiet" isSmall title="As it is drawn" onClick={() => setZoom(1)}>
            {Math.round(zoom * 100)} %
          </Button>
          <Button kind="quiet" isSmall label="Larger" onClick={() => setZoom(Math.min(3, zoom * 1.25))}>
            +
          </Button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached without a mouse */}
        <section class="graph-box" ref={box} tabIndex={0} aria-label="Drawing of the fleet">
          {tree === undefined ? "The drawing could not be read" : draw(tree, { drawn, state: fleet.value, zoom })}
        </section>
      </div>
      <AsList drawn={drawn} />
    </>
  );
}

// --- internal ---

function parse(svg: string): SvgElement | undefined {
  // Its own colours are not wanted, and even reading them is against the page's policy.
  const parsed = new DOMParser().parseFromString(svg.replace(/<style>[^<]*<\/style>/g, ""), "image/svg+xml");
  return parsed.querySelector("parsererror") === null ? readSvg(parsed.documentElement) : undefined;
}

interface DrawContext {
  readonly drawn: DrawnGraph;
  readonly state: FleetState | undefined;
  readonly zoom: number;
}

/** The groups of nodes come in the order of the graph's nodes. */
function draw(root: SvgElement, context: DrawContext): JSX.Element {
  let index = 0;
  const build = (element: SvgElement, isRoot: boolean): JSX.Element => {
    const isNode = element.name === "g" && (element.attributes["class"] ?? "").startsWith("node ");
    const node = isNode ? context.drawn.graph.nodes[index++] : undefined;
    const children = element.children
      .filter((child) => typeof child === "string" || !(isRoot && isHeading(child)))
      .map((child) => (typeof child === "string" ? child : build(child, false)));
    if (node !== undefined) return drawNode(node, element, children, context);
    const scaled = isRoot ? scale(element.attributes, context.zoom) : element.attributes;
    return h(
      element.name,
      { ...scaled, ...(isRoot ? { role: "group", "aria-label": context.drawn.graph.title } : {}) },
      children,
    );
  };
  return build(root, true);
}

function isHeading({ name, attributes }: SvgElement): boolean {
  const kind = attributes["class"] ?? "";
  return (name === "rect" && kind === "page") || (name === "text" && kind === "heading");
}

/** Pixels of its title, which the page has already. */
const headingHeight = 40;

function scale(attributes: SvgElement["attributes"], zoom: number): Record<string, string> {
  const [width, height] = [Number(attributes["width"] ?? 0), Number(attributes["height"] ?? 0) - headingHeight];
  return {
    ...attributes,
    viewBox: `0 ${headingHeight} ${width} ${height}`,
    width: String(width * zoom),
    height: String(height * zoom),
  };
}

function drawNode(
  node: GraphNode,
  element: SvgElement,
  children: (JSX.Element | string)[],
  { state }: DrawContext,
): JSX.Element {
  const { tone, words } = stateOf(node, state);
  const group = (
    <g class={`${element.attributes["class"]} ${tone}`}>
      <title>{`${node.kind} ${node.name}${words === "" ? "" : `: ${words}`}`}</title>
      {children}
      {tone === "" ? null : <StateDot element={element} />}
    </g>
  );
  const to = linkOf(node);
  return to === undefined ? (
    group
  ) : (
    <a href={to} class="graph-link">
      {group}
    </a>
  );
}

/** At the corner of the node's box. */
function StateDot({ element }: { readonly element: SvgElement }): JSX.Element | null {
  const box = element.children.find((child) => typeof child !== "string" && child.name === "rect");
  if (box === undefined || typeof box === "string") return null;
  const { x = "0", y = "0", width = "0" } = box.attributes;
  return <circle class="node-state" cx={Number(x) + Number(width) - 9} cy={Number(y) + 9} r={4} />;
}

function linkOf({ kind, name }: GraphNode): string | undefined {
  if (kind === "instance") return href("instances", name);
  return kind === "host" ? href("hosts", name) : undefined;
}

function stateOf(
  { kind, name }: GraphNode,
  state: FleetState | undefined,
): { readonly tone: Tone | ""; readonly words: string } {
  const none = { tone: "", words: "" } as const;
  if (kind === "instance") {
    const instance = state?.instances.find((one) => one.name === name);
    if (instance === undefined) return none;
    if (instance.job !== undefined) return { tone: "info", words: "working" };
    if (needsAttention(instance)) return { tone: "bad", words: "unhealthy" };
    if (instance.state !== "running") return { tone: "neutral", words: instance.state };
    return healthOf(instance) === "unproved"
      ? { tone: "warn", words: "not proved" }
      : { tone: "good", words: "running" };
  }
  if (kind === "host") {
    const host = state?.hosts.find((one) => one.name === name);
    if (host === undefined || host.state === "unasked" || host.state === "elsewhere") return none;
    return host.state === "reachable" ? { tone: "good", words: "reachable" } : { tone: "bad", words: "unreachable" };
  }
  if (kind === "server") {
    const server = state?.servers.find((one) => one.name === name);
    if (server === undefined) return none;
    return server.state === "connected" ? { tone: "good", words: "connected" } : { tone: "bad", words: "unreachable" };
  }
  return none;
}

function Legend(): JSX.Element {
  return (
    <p class="graph-legend">
      <State tone="good">runs</State>
      <State tone="neutral">does not run</State>
      <State tone="bad">needs attention</State>
    </p>
  );
}

/** The same in words: for who cannot see the drawing, and for reading it closely. */
function AsList({ drawn: { graph } }: { readonly drawn: DrawnGraph }): JSX.Element {
  const names = new Map(graph.nodes.map((node) => [node.id, node]));
  const state = fleet.value;
  return (
    <Section title="In words">
      <ul class="card graph-list">
        {graph.nodes
          .filter(({ id }) => graph.edges.some(({ from }) => from === id) || !graph.edges.some(({ to }) => to === id))
          .map((node) => {
            const leads = graph.edges.filter(({ from }) => from === node.id);
            const { tone, words } = stateOf(node, state);
            const to = linkOf(node);
            return (
              <li key={node.id}>
                <span class="faint graph-kind">{node.kind}</span>
                <span class="graph-name">{to === undefined ? node.name : <a href={to}>{node.name}</a>}</span>
                <span>{tone === "" ? null : <State tone={tone}>{words}</State>}</span>
                <span class="soft">
                  {leads
                    .map(({ to, label }) => {
                      const other = names.get(to);
                      return `${other?.kind} ${other?.name}${label === undefined ? "" : ` (${label})`}`;
                    })
                    .join(", ")}
                </span>
              </li>
            );
          })}
      </ul>
    </Section>
  );
}
