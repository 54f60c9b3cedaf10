/** A drawing of the server as a tree that the page can build itself: only what a graph needs gets through. */

export interface SvgElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (SvgElement | string)[];
}

/** As the browser's parser gives it; so much of it as is read here. */
interface ParsedNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<ParsedNode>;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
}

const elements: ReadonlySet<string> = new Set(["svg", "title", "desc", "g", "defs", "marker", "path", "rect", "text"]);

const attributes: ReadonlySet<string> = new Set([
  "viewBox",
  "width",
  "height",
  "class",
  "x",
  "y",
  "rx",
  "d",
  "transform",
  "id",
  "refX",
  "refY",
  "markerWidth",
  "markerHeight",
  "orient",
  "marker-end",
]);

/** Undefined: no element of a graph; scripts, styles, links and images are none. */
export function readSvg(node: ParsedNode): SvgElement | undefined {
  if (node.nodeType !== 1 || !elements.has(node.nodeName)) return undefined;
  const kept = [...(node.attributes ?? [])].filter(({ name, value }) => attributes.has(name) && isPlain(value));
  const children = [...node.childNodes].flatMap((child): (SvgElement | string)[] => {
    const element = child.nodeType === 3 ? (child.textContent ?? "") : readSvg(child);
    return element === undefined ? [] : [element];
  });
  return {
    name: node.nodeName,
    attributes: Object.fromEntries(kept.map(({ name, value }) => [name, value])),
    children,
  };
}

// --- internal ---

/** `url(#head)` is the one address there is. */
function isPlain(value: string): boolean {
  return !/url\(/i.test(value) || /^url\(#[\w-]+\)$/.test(value);
}
