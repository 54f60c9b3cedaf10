/**
 * Hosts, containers and homes whose configuration reads the whole project: `inputs.self.rev`, `inputs.self` as a path. They are new with
 * every commit, whatever it changes. Only what the project says itself is looked at; a module of an input could read it too.
 */
import { exactColumn } from "../diagnose/places.ts";
import type { Fleet } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { wholeTreeReads } from "../pipeline.ts";

/** A note for each place, with the machines that it concerns. Lines are known where the fleet was loaded with places. */
export async function wholeTreeNotes(fleet: Fleet): Promise<Problem[]> {
  const notes = new Map<string, { readonly machines: string[]; readonly problem: Omit<Problem, "subject"> }>();
  for (const { kind, name, what, file, at } of await wholeTreeReads(fleet)) {
    // A folder is named with `nix.path`, all else by what is selected.
    const word = /^[\w.]+$/.test(what) ? what.slice(what.lastIndexOf(".") + 1) : "path";
    const place = at === undefined ? { file } : exactColumn(at, word, fleet.root);
    const key = JSON.stringify([what, place]);
    const note = notes.get(key) ?? {
      machines: [],
      problem: { message: `It reads ${what}, and so is new with every commit`, ...place },
    };
    notes.set(key, note);
    note.machines.push(`${kind} ${name}`);
  }
  return [...notes.values()].map(({ machines, problem }) => ({ subject: machines.join(", "), ...problem }));
}
