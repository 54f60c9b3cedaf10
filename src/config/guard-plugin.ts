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
                else guardMember(each, types, call);
              },
            },
            BinaryExpression: { exit: (each: Path) => guardBinary(each, wrap, call) },
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

function guardBinary(path: Path, wrap: (guard: keyof Guards, field: string) => (path: Path) => void, call: Call): void {
  const { node } = path;
  if (comparisons.has(node["operator"])) {
    if (asksWhetherGiven(node)) return;
    wrap("compared", "left")(path);
    wrap("compared", "right")(path);
  } else if (node["operator"] === "+") {
    const sides = [node["left"] as Node, node["right"] as Node] as const;
    if (!sides.some((side) => side.type === "StringLiteral" || side.type === "TemplateLiteral"))
      path.replaceWith(call("plus", ...sides));
  }
}

/** `config.a ?? b` would always be the first; `argument ?? b` is right. */
function guardMember({ node }: Path, types: Types, call: Call): void {
  const left = node["left"] as Node;
  const { object, property } = left as Node & { readonly object?: Node; readonly property?: Node };
  if (left.type !== "MemberExpression" || object === undefined || property === undefined) return;
  if (object.type === "Super" || property.type === "PrivateName") return;
  const key = left["computed"] === true ? property : types.stringLiteral(property["name"] as string);
  node["left"] = call("member", object, key);
}
