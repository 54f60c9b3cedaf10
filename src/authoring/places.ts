/**
 * Where in the user's files the properties of an object were written. Nothing knows that in an ordinary run. When an evaluation
 * failed, the files are loaded again with every object and list literal wrapped in a call of `object` or `list` below; what
 * these note is found here. It hangs on a registered symbol, because the compiled files reach it by that.
 */
import type { SourcePosition } from "../errors.ts";
import { type Origin, originSite, positionOf } from "./origin.ts";
import { relativeTo } from "./paths.ts";
import { registry } from "./registry.ts";

/** Line and column, both from 1. */
export type LineColumn = readonly [line: number, column: number];

/** A part of a literal: one property or element with its place, or something that is spread into it. */
export type LiteralPart = readonly [LineColumn, object] | readonly ["spread", unknown];

/** What the compiled files call. */
export interface PlaceNotes {
  object(file: string, start: LineColumn, ...parts: readonly LiteralPart[]): object;
  list(
    file: string,
    start: LineColumn,
    ...parts: readonly (readonly [LineColumn, unknown] | readonly ["spread", Iterable<unknown>])[]
  ): unknown[];
}

/** `globalThis[Symbol.for("floe.places")]` in the compiled files. */
export const placesSymbolName = "floe.places";

/** Starts to note places in this process. */
export function notePlaces(): void {
  (globalThis as { [key]?: Store })[key] ??= newStore();
}

export function arePlacesNoted(): boolean {
  return (globalThis as { [key]?: Store })[key] !== undefined;
}

/** Forgets all places, and notes no more. */
export function forgetPlaces(): void {
  delete (globalThis as { [key]?: Store })[key];
}

/** `{ at }` for what `name` in `owner` is; `{}` in an ordinary run and where it was not written in a literal. */
export function placeOf(owner: object, name: string): { readonly at?: SourcePosition } {
  const store = (globalThis as { [key]?: Store })[key];
  if (store === undefined) return {};
  const value: unknown = Reflect.getOwnPropertyDescriptor(owner, name)?.value;
  const place =
    store.properties.get(owner)?.get(name) ??
    (typeof value === "object" && value !== null ? store.starts.get(value) : undefined);
  if (place === undefined) return {};
  const { root } = registry();
  return { at: root === undefined ? place : { ...place, file: relativeTo(root, place.file) } };
}

/** `{ at }` for what was recorded there; `{}` in an ordinary run. Only the line is certain: compiled code keeps lines, not columns. */
export function placeOfOrigin(origin: Origin): { readonly at?: SourcePosition } {
  if ((globalThis as { [key]?: Store })[key] === undefined) return {};
  const at = positionOf(originSite(origin), registry().root);
  return at === undefined ? {} : { at };
}

// --- internal ---

const key: unique symbol = Symbol.for(placesSymbolName) as never;

interface Store extends PlaceNotes {
  readonly properties: WeakMap<object, Map<string, SourcePosition>>;
  /** Where a literal begins. */
  readonly starts: WeakMap<object, SourcePosition>;
}

function newStore(): Store {
  const properties: Store["properties"] = new WeakMap();
  const starts: Store["starts"] = new WeakMap();
  const note = <T extends object>(made: T, file: string, start: LineColumn, places: Map<string, SourcePosition>): T => {
    properties.set(made, places);
    starts.set(made, { file, line: start[0], column: start[1] });
    return made;
  };
  return {
    properties,
    starts,
    object(file, start, ...parts) {
      const made: object = {};
      const places = new Map<string, SourcePosition>();
      for (const [at, part] of parts) {
        if (at === "spread") {
          // As the language has it, with the same errors for what cannot be spread.
          Object.assign(made, part);
          const known = isObject(part) ? properties.get(part) : undefined;
          for (const [name, place] of known ?? []) places.set(name, place);
        } else {
          Object.defineProperties(made, Object.getOwnPropertyDescriptors(part));
          for (const name of Object.keys(part as object)) places.set(name, { file, line: at[0], column: at[1] });
        }
      }
      return note(made, file, start, places);
    },
    list(file, start, ...parts) {
      const made: unknown[] = [];
      const places = new Map<string, SourcePosition>();
      for (const [at, part] of parts) {
        if (at === "spread") {
          const known = isObject(part) ? properties.get(part) : undefined;
          for (const [index, item] of [...(part as Iterable<unknown>)].entries()) {
            const place = known?.get(String(index));
            if (place !== undefined) places.set(String(made.length), place);
            made.push(item);
          }
        } else {
          places.set(String(made.length), { file, line: at[0], column: at[1] });
          made.push(part);
        }
      }
      return note(made, file, start, places);
    },
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
