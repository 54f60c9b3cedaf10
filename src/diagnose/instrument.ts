/**
 * Compiles the user's files so that every object and list literal notes where it was written. jiti compiles with Babel and takes
 * plugins for it; the tree it parsed has the exact places, whatever TypeScript made the value: spreads, helper functions, computed
 * keys, constants of other files. `{ a: 1, ...base }` becomes `NOTES.object(__filename, [1,1], [[1,3], { a: 1 }], ["spread", base])`.
 */
import { type LineColumn, placesSymbolName } from "../authoring/places.ts";

/** A Babel plugin, as far as jiti and this file need it. */
export type BabelPlugin = (babel: { readonly types: Types }) => { readonly visitor: object };

export const instrument: BabelPlugin = ({ types }) => {
  const made = new WeakSet<object>();
  const rewrite = (kind: "object" | "list", parts: (node: Node) => (Node | undefined)[]) => ({
    exit(path: Path) {
      const start = lineColumn(path.node);
      if (made.has(path.node) || start === undefined) return;
      const args = parts(path.node).filter((part) => part !== undefined);
      const call = types.callExpression(types.memberExpression(notes(types), types.identifier(kind)), [
        types.identifier("__filename"),
        place(types, made, start),
        ...args,
      ]);
      path.replaceWith(call);
    },
  });
  const part = (at: LineColumn | undefined, value: Node): Node =>
    list(types, made, [at === undefined ? types.stringLiteral("spread") : place(types, made, at), value]);
  const property = (node: Node): Node => {
    if (node.type === "SpreadElement") return part(undefined, node.argument as Node);
    const single = types.objectExpression([node]);
    made.add(single);
    return part(lineColumn(node) ?? [1, 1], single);
  };
  const element = (node: Node | null): Node => {
    // A hole is read as undefined.
    if (node === null) return part([1, 1], types.identifier("undefined"));
    return node.type === "SpreadElement"
      ? part(undefined, node.argument as Node)
      : part(lineColumn(node) ?? [1, 1], node);
  };
  return {
    visitor: {
      Program: {
        // All at once and before the other plugins: they would move things about.
        enter(path: Path) {
          path.traverse({
            ObjectExpression: rewrite("object", (node) => (node.properties as Node[]).map(property)),
            ArrayExpression: rewrite("list", (node) => (node.elements as (Node | null)[]).map(element)),
          });
        },
      },
    },
  };
};

// --- internal ---

interface Node {
  readonly type: string;
  readonly loc?: { readonly start: { readonly line: number; readonly column: number } } | null;
  readonly [field: string]: unknown;
}

interface Path {
  readonly node: Node;
  replaceWith(node: Node): void;
  traverse(visitor: object): void;
}

interface Types {
  identifier(name: string): Node;
  stringLiteral(text: string): Node;
  numericLiteral(value: number): Node;
  arrayExpression(elements: readonly Node[]): Node;
  objectExpression(properties: readonly Node[]): Node;
  memberExpression(object: Node, property: Node, computed?: boolean): Node;
  callExpression(callee: Node, args: readonly Node[]): Node;
}

/** Babel counts columns from 0. */
function lineColumn({ loc }: Node): LineColumn | undefined {
  return loc == null ? undefined : [loc.start.line, loc.start.column + 1];
}

/** `globalThis[Symbol.for("floe.places")]`; the name may be shadowed nowhere, and the files need no import. */
function notes(types: Types): Node {
  const symbol = types.callExpression(types.memberExpression(types.identifier("Symbol"), types.identifier("for")), [
    types.stringLiteral(placesSymbolName),
  ]);
  return types.memberExpression(types.identifier("globalThis"), symbol, true);
}

function place(types: Types, made: WeakSet<object>, [line, column]: LineColumn): Node {
  return list(types, made, [types.numericLiteral(line), types.numericLiteral(column)]);
}

/** A list of our own, which is not rewritten again. */
function list(types: Types, made: WeakSet<object>, items: readonly Node[]): Node {
  const node = types.arrayExpression(items);
  made.add(node);
  return node;
}
