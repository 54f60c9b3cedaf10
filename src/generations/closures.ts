/** What systems are made of: one graph of store paths for all generations of a machine. Pure. */
import type { Closure } from "../plan/hosts/packages.ts";

/** Paths by number. */
interface Entry {
  readonly name: string;
  size: number;
  references: readonly number[];
}

export class Closures {
  private readonly entries: Entry[] = [];
  private readonly numbers = new Map<string, number>();

  /** Reads the lines `name NAME` and `path NUMBER SIZE REFERENCE...` of the machine's answer. */
  read([word, ...fields]: readonly string[]): void {
    if (word === "name") {
      const name = fields[0] ?? "";
      this.numbers.set(name, this.entries.length);
      this.entries.push({ name, size: 0, references: [] });
      return;
    }
    const entry = this.entries[Number(fields[0])];
    if (entry === undefined) return;
    entry.size = Number(fields[1]);
    entry.references = fields.slice(2).map(Number);
  }

  /** Every path that a store path needs, itself among them; undefined when it is not known. */
  of(path: string): Closure | undefined {
    const first = this.numbers.get(path.slice(path.lastIndexOf("/") + 1));
    if (first === undefined) return undefined;
    const found = new Set([first]);
    // What is added while it is gone through is gone through as well.
    for (const number of found) for (const reference of this.entries[number]?.references ?? []) found.add(reference);
    const entries = [...found].flatMap((number) => this.entries[number] ?? []);
    return new Map(entries.map(({ name, size }) => [name, size]));
  }
}
