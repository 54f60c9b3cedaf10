/**
 * Compiles conditions, comparisons and sums in the user's files to ask `authoring/guards.ts` first. jiti compiles with Babel and
 * takes plugins for it.
 */
import { type Guards, guardsSymbolName } from "../authoring/guards.ts";

/** A Babel plugin, as far as this file needs it. */
export type BabelPlugin = (babel: { readonly types: Types }) => { readonly visitor: object };

export const guardConditions: BabelPlugin = ({ types }) => {
  const call: Call = (guard, ...args) => {
    const made = types.callExpression(types.memberExpression(guards(types), types.identifier(guard)), args);
    // Compiled code keeps the lines of what has a place.
    return { ...made, loc: args[0]?.["loc"] };
  };
  /** Replaces a part of a node. */
  const wrap = (guard: keyof Guards, field: string) => (path: Path) => {
    const value = path.node[field] as Node | null | undefined;
    if (value != null && !isPlain(value)) path.node[field] = call(guard, value);
  };
  const condition = { exit: wrap("truth", "test") };
  return {
    visitor: {
      Program: {
        // All at once and before other plugins, which would move things about.
        enter(path: Path) {
          path.traverse({
            IfStatement: condition,
            ConditionalExpression: condition,
            WhileStatement: condition,
            DoWhileStatement: condition,
            ForStatement: condition,
            SwitchStatement: { exit: wrap("compared", "discriminant") },
            UnaryExpression: {
              exit: (each: Path) => {
                if (each.node["operator"] === "!") wrap("truth", "argument")(each);
              },
            },
            LogicalExpression: {
              exit: (each: Path) => {
                if (each.node["operator"] !== "??") wrap("truth", "left")(each);
                else guardMember(each.node, "left", types, call);
              },
            },
            BinaryExpression: { exit: (each: Path) => guardBinary(each, wrap, types, call) },
            TemplateLiteral: {
              exit: (each: Path) => {
                if (each.parent.type !== "TaggedTemplateExpression") guardAll(each.node, "expressions", "text", call);
              },
            },
            MemberExpression: { exit: (each: Path) => guardLookUp(each, call) },
            CallExpression: { exit: (each: Path) => guardSearch(each.node, call) },
          });
        },
      },
    },
  };
};

// --- internal ---

interface Node {
  readonly type: string;
  [field: string]: unknown;
}

interface Path {
  readonly node: Node;
  readonly parent: Node;
  /** The field of the parent that holds the node. */
  readonly key: string | number;
  replaceWith(node: Node): void;
  traverse(visitor: object): void;
}

interface Types {
  identifier(name: string): Node;
  stringLiteral(text: string): Node;
  memberExpression(object: Node, property: Node, computed?: boolean): Node;
  callExpression(callee: Node, args: readonly Node[]): Node;
}

type Call = (guard: keyof Guards, ...args: readonly Node[]) => Node;

/** `globalThis[Symbol.for("floe.guards")]`: files need no import for it. */
function guards(types: Types): Node {
  const symbol = types.callExpression(types.memberExpression(types.identifier("Symbol"), types.identifier("for")), [
    types.stringLiteral(guardsSymbolName),
  ]);
  return types.memberExpression(types.identifier("globalThis"), symbol, true);
}

const comparisons: ReadonlySet<unknown> = new Set(["==", "===", "!=", "!=="]);
const logical: ReadonlySet<unknown> = new Set([...comparisons, "<", ">", "<=", ">=", "in", "instanceof"]);

/** What can only be a value of JavaScript's own. */
function isPlain(node: Node): boolean {
  if (node.type === "BinaryExpression") return logical.has(node["operator"]);
  if (node.type === "UnaryExpression") return true;
  return /^(?:String|Numeric|Boolean|Null|BigInt|RegExp)Literal$/.test(node.type);
}

/** Asking whether an argument was given is right: `x === undefined`, `x == null`. */
function asksWhetherGiven({ operator, left, right }: Node): boolean {
  return [left as Node, right as Node].some(
    (side) =>
      (side.type === "Identifier" && side["name"] === "undefined") ||
      (side.type === "UnaryExpression" && ["void", "typeof"].includes(side["operator"] as string)) ||
      (side.type === "NullLiteral" && (operator === "==" || operator === "!=")),
  );
}

function guardBinary(
  path: Path,
  wrap: (guard: keyof Guards, field: string) => (path: Path) => void,
  types: Types,
  call: Call,
): void {
  const { node } = path;
  const { operator } = node;
  if (comparisons.has(operator)) {
    const guard = asksWhetherGiven(node)
      ? (side: string) => guardMember(node, side, types, call)
      : (side: string) => wrap("compared", side)(path);
    for (const side of ["left", "right"]) guard(side);
  } else if (operator === "in") wrap("compared", "left")(path);
  else if (operator === "+") {
    const sides = [node["left"] as Node, node["right"] as Node] as const;
    if (!sides.some(isText)) path.replaceWith(call("plus", ...sides));
    else for (const side of ["left", "right"]) if (!isText(node[side] as Node)) wrap("text", side)(path);
  }
}

function isText({ type }: Node): boolean {
  return type === "StringLiteral" || type === "TemplateLiteral";
}

/** `config.a ?? b` would always be the first, and `config.a == null` never true; of a TypeScript object they are right. */
function guardMember(node: Node, field: string, types: Types, call: Call): void {
  const member = node[field] as Node;
  const { object, property } = member as Node & { readonly object?: Node; readonly property?: Node };
  if (member.type !== "MemberExpression" || object === undefined || property === undefined) return;
  if (object.type === "Super" || property.type === "PrivateName") return;
  const key = member["computed"] === true ? property : types.stringLiteral(property["name"] as string);
  node[field] = call("member", object, key);
}

/** `ports[config.name]` is looked up among the names that TypeScript knows. */
function guardLookUp({ node, parent, key }: Path, call: Call): void {
  const { object, property, computed } = node as Node & { readonly object: Node; readonly property: Node };
  if (computed !== true || isPlain(property) || object.type !== "Identifier") return;
  const isChanged = /^(?:Assignment|Update)/.test(parent.type) || parent["operator"] === "delete";
  if (!(isChanged && key !== "right")) node["property"] = call("lookedUp", property, object);
}

/** Methods that ask about text or the elements of an array, and that no function of Nix has the name of. */
const searches: ReadonlySet<unknown> = new Set([
  "includes",
  "startsWith",
  "endsWith",
  "indexOf",
  "lastIndexOf",
  "localeCompare",
]);

function guardSearch(node: Node, call: Call): void {
  const callee = node["callee"] as Node;
  const { property, object } = callee as Node & { readonly property?: Node; readonly object?: Node };
  if (callee.type !== "MemberExpression" || callee["computed"] === true || !searches.has(property?.["name"])) return;
  if (object !== undefined && object.type !== "Super" && !isPlain(object)) callee["object"] = call("compared", object);
  guardAll(node, "arguments", "compared", call);
}

function guardAll(node: Node, field: string, guard: keyof Guards, call: Call): void {
  node[field] = (node[field] as readonly Node[]).map((each) =>
    isPlain(each) || each.type === "SpreadElement" ? each : call(guard, each),
  );
}
