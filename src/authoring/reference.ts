/** References: proxies that record what is selected from them and what they are called with, and refuse what cannot be right. */
import type { Expr } from "./expr.ts";
import { captureForLater, captureOrigin } from "./origin.ts";
import { problem } from "./problem.ts";
import type { Recorded, Variable } from "./recorded.ts";
import { makeToken } from "./tokens.ts";

type Callee = (...args: never[]) => unknown;
type WithoutOrigin<T> = T extends unknown ? Omit<T, "origin"> : never;

/** A reference for `form`, made where `callee` was called. */
export function reference(form: WithoutOrigin<Recorded>, callee: Callee): Expr {
  // A path starts from the file it is written in.
  const origin = form.kind === "path" ? captureOrigin(callee) : captureForLater(callee);
  const handler = new ReferenceHandler({ ...form, origin } as Recorded);
  const proxy = new Proxy(target, handler);
  handler.self = proxy;
  return proxy as unknown as Expr;
}

/** What a reference stands for; undefined for anything else. */
export function recordedOf(value: unknown): Recorded | undefined {
  return typeof value === "function" ? (value as { readonly [recordedSymbol]?: Recorded })[recordedSymbol] : undefined;
}

/** A name for a reference in messages: `config.networking.hostName`. */
export function describe(value: unknown): string {
  const recorded = recordedOf(value);
  if (recorded?.kind === "variable") return recorded.variable.hint;
  if (recorded?.kind === "select")
    return [describe(recorded.base), ...recorded.keys.map((key) => (typeof key === "string" ? key : "…"))].join(".");
  if (recorded?.kind === "apply") return `${describe(recorded.fn)}(…)`;
  return recorded === undefined ? "value" : "expression";
}

/** The object a body takes its arguments from; `variable` answers what each name means. */
export function argumentsObject(variable: (name: string) => Variable): object {
  const refuse = (): never => {
    throw problem(
      "Cannot list, spread or change the module arguments",
      captureOrigin(refuse),
      "Take them by name: ({ config, lib, pkgs }) => ...",
    );
  };
  const get = (_target: object, name: string | symbol): unknown =>
    typeof name === "symbol" || name === "then"
      ? undefined
      : reference({ kind: "variable", variable: variable(name) }, get);
  return new Proxy(
    {},
    {
      get,
      has: refuse,
      ownKeys: refuse,
      getOwnPropertyDescriptor: refuse,
      set: refuse,
      getPrototypeOf: () => argumentsMark,
    },
  );
}

/** True for the arguments as a whole, which Nix knows only by their names. */
export function isArgumentsObject(value: object): boolean {
  return Object.getPrototypeOf(value) === argumentsMark;
}

// --- internal ---

const argumentsMark = Object.freeze({ floe: "arguments" });
/** Registered, because the user's files and floe may hold two copies of this code. */
const recordedSymbol: unique symbol = Symbol.for("floe.recorded") as never;
const inspectSymbol: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;

/**
 * What all proxies stand before. An arrow function has no `prototype` of its own, so every name can be recorded. Node prints the
 * target of a proxy, and calls this with the proxy.
 */
const target = Object.assign((): undefined => undefined, {
  [inspectSymbol](this: unknown): string {
    return `[Nix ${describe(this)}]`;
  },
});

class ReferenceHandler implements ProxyHandler<typeof target> {
  readonly recorded: Recorded;
  self: object | undefined;

  constructor(recorded: Recorded) {
    this.recorded = recorded;
  }

  get(_target: object, name: string | symbol): unknown {
    const { get } = ReferenceHandler.prototype;
    const { self } = this;
    if (typeof name === "symbol") return name === recordedSymbol ? this.recorded : readSymbol(self, name, get);
    if (name === "then") return undefined;
    if (name === "$") return (...keys: unknown[]): Expr => reference({ kind: "select", base: self, keys }, get);
    if (name === "toJSON" && isStringify(captureOrigin(get).stack)) {
      throw problem(
        `Cannot turn ${describe(self)} into JSON: only Nix knows its value`,
        captureOrigin(get),
        "Use nix.toJSON(value), which does it in Nix",
      );
    }
    return reference({ kind: "select", base: self, keys: [name] }, get);
  }

  apply(_target: object, _receiver: unknown, args: readonly unknown[]): unknown {
    return call(this.self, this.recorded, args, ReferenceHandler.prototype.apply);
  }

  has(_target: object, name: string | symbol): never {
    const owner = describe(this.self);
    throw problem(
      `Cannot ask whether "${String(name)}" is in ${owner}: only Nix knows`,
      captureOrigin(ReferenceHandler.prototype.has),
      `Use nix.has(${owner}, ${JSON.stringify(String(name))})`,
    );
  }

  set(): never {
    return refuseChange(this.self, ReferenceHandler.prototype.set);
  }

  defineProperty(): never {
    return refuseChange(this.self, ReferenceHandler.prototype.defineProperty);
  }

  deleteProperty(): never {
    return refuseChange(this.self, ReferenceHandler.prototype.deleteProperty);
  }

  setPrototypeOf(): never {
    return refuseChange(this.self, ReferenceHandler.prototype.setPrototypeOf);
  }

  preventExtensions(): never {
    return refuseChange(this.self, ReferenceHandler.prototype.preventExtensions);
  }

  ownKeys(): never {
    return refuseListing(this.self, ReferenceHandler.prototype.ownKeys);
  }

  getOwnPropertyDescriptor(): never {
    return refuseListing(this.self, ReferenceHandler.prototype.getOwnPropertyDescriptor);
  }

  getPrototypeOf(): null {
    return null;
  }
}

function refuseChange(self: unknown, callee: Callee): never {
  throw problem(
    `Cannot change ${describe(self)}: it is a reference`,
    captureOrigin(callee),
    "Give a new value to an option, or combine sets with nix.update(a, b)",
  );
}

function refuseListing(self: unknown, callee: Callee): never {
  const owner = describe(self);
  throw problem(
    `Cannot list or spread ${owner}: only Nix knows what is in it`,
    captureOrigin(callee),
    `Use nix.update(${owner}, { ... }) to combine sets, or lib.mapAttrs to go through one`,
  );
}

function isStringify(stack: string | undefined): boolean {
  return /^\s*at JSON\.stringify /m.test(stack?.split("\n").slice(0, 3).join("\n") ?? "");
}

function readSymbol(self: unknown, name: symbol, callee: Callee): unknown {
  if (name === Symbol.toPrimitive) return toPrimitive(self);
  if (name === inspectSymbol) return target[inspectSymbol];
  if (name === Symbol.iterator || name === Symbol.asyncIterator) {
    throw problem(
      `Cannot go through ${describe(self)} in TypeScript: only Nix knows its elements`,
      captureOrigin(callee),
      "Use nix.map(list, (x) => ...), or nix`${a} ++ ${b}` to join lists",
    );
  }
  if (searchSymbols.has(name) || name === Symbol.hasInstance) {
    throw problem(
      `Cannot compare or search with ${describe(self)} in TypeScript: only Nix knows its value`,
      captureOrigin(callee),
      "Use lib.strings functions or nix`...`",
    );
  }
  return undefined;
}

const searchSymbols: ReadonlySet<symbol> = new Set([
  Symbol.match,
  Symbol.matchAll,
  Symbol.replace,
  Symbol.search,
  Symbol.split,
]);

function toPrimitive(self: unknown): (hint: string) => string {
  return function asText(hint) {
    if (hint !== "number") return makeToken(self, asText);
    throw problem(
      `Cannot calculate with ${describe(self)} or compare it in TypeScript: only Nix knows its value`,
      captureOrigin(asText),
      "Write it in Nix: nix`${value} * 2`, nix`${value} > 3`",
    );
  };
}

/** Methods of every JavaScript object: called on a reference they can only be meant for JavaScript. */
const objectMethods: ReadonlySet<unknown> = new Set([
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
]);

/** What is meant for an array or a string. Options hold no functions of these names, and those of `lib` are not under `config`. */
const arrayMethods: ReadonlySet<unknown> = new Set(
  [
    "map filter forEach flatMap reduce some every find concat join slice sort reverse push entries keys values at",
    "split replace replaceAll trim padStart padEnd substring toUpperCase toLowerCase charAt match repeat",
  ].flatMap((names) => names.split(" ")),
);

/** Whether it is selected from `config`, or from a module's own options. */
function isOfConfig(value: unknown): boolean {
  const recorded = recordedOf(value);
  if (recorded?.kind === "variable") return ["config", "cfg"].includes(recorded.variable.hint);
  return recorded?.kind === "select" && isOfConfig(recorded.base);
}

function call(self: unknown, recorded: Recorded, args: readonly unknown[], callee: Callee): unknown {
  const method = recorded.kind === "select" ? recorded.keys.at(-1) : undefined;
  if (recorded.kind === "select" && args.length === 0 && method === "toString") return makeToken(recorded.base, callee);
  if (recorded.kind === "select" && args.length === 0 && method === "valueOf") return recorded.base;
  if (objectMethods.has(method))
    throw problem(`Cannot call ${String(method)} on a reference`, captureOrigin(callee), "Use nix.has(value, name)");
  if (arrayMethods.has(method) && recorded.kind === "select" && isOfConfig(recorded.base))
    throw problem(
      `Cannot call ${String(method)} on ${describe(recorded.base)}: it is no array or text of TypeScript, only Nix knows it`,
      captureOrigin(callee),
      "Use nix.map(list, (x) => ...), nix.concat(a, b), or functions of lib: lib.filter, lib.concatStringsSep, lib.toUpper",
    );
  if (args.length === 0)
    throw problem(
      `Cannot call ${describe(self)} without an argument`,
      captureOrigin(callee),
      "Every Nix function takes one; give {} for an empty set",
    );
  if (args.includes(undefined))
    throw problem(
      `Cannot give undefined to ${describe(self)}`,
      captureOrigin(callee),
      "Nix has null, but no undefined",
    );
  return reference({ kind: "apply", fn: self, args }, callee);
}
