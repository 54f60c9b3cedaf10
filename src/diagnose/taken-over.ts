/** Failures beside an existing flake for which nix names no file of the project: they stand where the part is described in TypeScript. */
import { locator } from "../config/locator.ts";
import type { Evaluated, Evaluation } from "../model/evaluation.ts";
import type { Fleet } from "../model/fleet.ts";

type Described = Readonly<Record<string, { readonly from?: unknown }>>;

/** The evaluation with a place for each such failure: that of `from`, where there is one. */
export function placeTakenOver(evaluation: Evaluation, fleet: Fleet): Evaluation {
  const locate = locator(fleet);
  const placed = <T>(kind: string, parts: Readonly<Record<string, Evaluated<T>>>, described: Described) => {
    const place = (name: string, part: Evaluated<T>): Evaluated<T> => {
      if (part.ok || part.error.file !== undefined) return part;
      const at = locate(`${kind} ${name}`, described[name]?.from === undefined ? [] : ["from"]);
      return { ok: false, error: { ...part.error, ...at } };
    };
    return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, place(name, part)]));
  };
  const { hosts, images, homes, shells } = evaluation;
  return {
    hosts: placed("host", hosts, fleet.hosts),
    images: placed("container", images, fleet.containers),
    shells: placed("shell", shells, fleet.shells),
    ...(homes === undefined ? {} : { homes: placed("home", homes, fleet.homes ?? {}) }),
  };
}
