import { nearest } from "../util/nearest.ts";
import type { Place, Problems } from "./problems.ts";

interface Owner {
  /** For people: `instance "web-1"`. */
  readonly label: string;
  /** How many keys of the path lead to it. */
  readonly depth: number;
}

/** Where a field stands. */
interface FieldOptions {
  readonly problems: Problems;
  /** The definition it belongs to. */
  readonly place: Place;
  /** Keys of the path that come before the definition's own spec: `containers.web`. */
  readonly prefix: readonly string[];
  readonly keys: readonly string[];
  readonly owner: Owner;
}

/**
 * A value the user wrote, with the place it stands in. Each reader returns a value of its type or reports a problem and returns
 * a stand-in, so that one run finds all problems; what was read is used only when there were none.
 */
export class Field {
  readonly value: unknown;
  private readonly at: FieldOptions;

  constructor(value: unknown, at: FieldOptions) {
    this.value = value;
    this.at = at;
  }

  /** The spec of a definition: `root(problems, place, ["containers", "web"], 'container "web"', spec)`. */
  static root(problems: Problems, place: Place, prefix: readonly string[], label: string, value: unknown): Field {
    return new Field(value, { problems, place, prefix, keys: [], owner: { label, depth: 0 } });
  }

  get isGiven(): boolean {
    return this.value !== undefined;
  }

  /** `key "autostart" of instance "web-1"`, or the owner itself. */
  get label(): string {
    const { keys, owner } = this.at;
    return keys.length === owner.depth ? owner.label : `key "${keyName(keys.slice(owner.depth))}" of ${owner.label}`;
  }

  /** From here on messages speak of this thing. */
  named(label: string): Field {
    return new Field(this.value, { ...this.at, owner: { label, depth: this.at.keys.length } });
  }

  /** The field below, for a value that was taken apart. */
  child(key: string, value: unknown): Field {
    return new Field(value, { ...this.at, keys: [...this.at.keys, key] });
  }

  /** The label as the beginning of a message. */
  get subject(): string {
    return this.label.charAt(0).toUpperCase() + this.label.slice(1);
  }

  report(message: string, hint?: string): void {
    const { problems, place, prefix, keys } = this.at;
    problems.report({ ...place, keys }, [...prefix, ...keys], message, hint);
  }

  /** Reports a value that is not what it must be: `must("be true or false")`. */
  must(requirement: string): void {
    this.report(
      this.isGiven
        ? `${this.subject} must ${requirement}, not ${describe(this.value)}`
        : `Missing ${this.label}: it must ${requirement}`,
    );
  }

  /** Reports that a given value is wrong as a whole, where saying what it is would not help: `fail("has both")`. */
  fail(predicate: string, hint?: string): void {
    this.report(`${this.subject} ${predicate}`, hint);
  }

  optional<T>(read: (field: Field) => T): T | undefined {
    return this.isGiven ? read(this) : undefined;
  }

  text(requirement = "be text"): string {
    if (typeof this.value === "string") return this.value;
    this.must(requirement);
    return "";
  }

  /** Text of a certain form; the requirement says which: `be an absolute path`. */
  textLike(isRight: (text: string) => boolean, requirement: string): string {
    const text = this.value;
    if (typeof text === "string" && isRight(text)) return text;
    this.must(requirement);
    return "";
  }

  flag(fallback: boolean): boolean {
    if (this.value === undefined) return fallback;
    if (typeof this.value === "boolean") return this.value;
    this.must("be true or false");
    return fallback;
  }

  integer(min: number, max: number, fallback?: number): number {
    const { value } = this;
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    this.must(`be a whole number ${max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}`);
    return min;
  }

  /** The elements of a list; an absent list is empty. */
  list<T>(read: (field: Field) => T): T[] {
    if (this.value === undefined) return [];
    if (Array.isArray(this.value)) return this.value.map((item, index) => read(this.child(String(index), item)));
    this.must("be a list");
    return [];
  }

  /** The values of an object whose keys are the user's own; an absent object is empty, an undefined value is left out. */
  entries<T>(read: (field: Field, key: string) => T): Record<string, T> {
    const value = this.object();
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, read(this.child(key, item), key)]),
    );
  }

  /** The fields of an object whose keys are fixed; any other key is a problem. */
  keys<const Key extends string>(...names: readonly Key[]): Record<Key, Field> {
    const value = this.object();
    for (const key of Object.keys(value)) if (!names.some((name) => name === key)) this.reportUnknownKey(key, names);
    return Object.fromEntries(names.map((name) => [name, this.child(name, value[name])])) as Record<Key, Field>;
  }

  private reportUnknownKey(key: string, names: readonly string[]): void {
    const suggestion = nearest(key, names);
    const message = `Unknown key "${key}" ${this.within}`;
    const hint = suggestion === undefined ? `Known keys: ${names.join(", ")}` : undefined;
    this.child(key, undefined).report(
      suggestion === undefined ? message : `${message}; did you mean "${suggestion}"?`,
      hint,
    );
  }

  private get within(): string {
    const { keys, owner } = this.at;
    return keys.length === owner.depth
      ? `of ${owner.label}`
      : `in "${keyName(keys.slice(owner.depth))}" of ${owner.label}`;
  }

  private object(): Readonly<Record<string, unknown>> {
    if (this.value === undefined) return {};
    if (isPlainObject(this.value)) return this.value;
    this.must("be an object");
    return {};
  }
}

/** The keys below the owner as JavaScript would reach them, without quotes inside the message's quotes: `health[0].http`. */
function keyName(keys: readonly string[]): string {
  return keys.reduce((path, key) => (/^\d+$/.test(key) ? `${path}[${key}]` : `${path}.${key}`));
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm has another Object.prototype, whose own prototype is null all the same.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A value for a message: short, text in quotes. */
function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  if (
    value === null ||
    value === undefined ||
    typeof value === "number" ||
    typeof value === "boolean" ||
    typeof value === "bigint"
  )
    return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "function" ? "a function or a reference into Nix" : "an object";
}
