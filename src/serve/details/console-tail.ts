/**
 * The console of instances for several readers. Incus tells what a running container wrote only once, so one reader of the server's asks, as long as
 * somebody watches, and what it was told is remembered for who comes later.
 */
import { followConsole, type IncusClient, knownLength } from "../../pipeline.ts";
import type { Place } from "./place.ts";

type Listener = (part: string) => void;

/** Consoles that are remembered when nobody watches. */
const kept = 50;

export class ConsoleTails {
  readonly #tails = new Map<string, Tail>();

  /**
   * Gives the listener what is known, then what comes. Resolves when the signal aborts.
   * @throws IncusError
   */
  async follow(place: Place, listener: Listener, signal: AbortSignal): Promise<void> {
    const key = `${place.instance.server}/${place.project}/${place.name}`;
    const tail = this.#tails.get(key) ?? new Tail();
    // The one that was used last comes last.
    this.#tails.delete(key);
    this.#tails.set(key, tail);
    for (const [old, { isIdle }] of [...this.#tails].slice(0, -kept)) if (isIdle) this.#tails.delete(old);
    await tail.follow(place, listener, signal);
  }
}

// --- internal ---

interface Reader {
  /** Settles when all that was there is known. */
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
  stop(): void;
}

class Tail {
  #text = "";
  readonly #listeners = new Set<Listener>();
  #watching = 0;
  #reader: Reader | undefined;

  get isIdle(): boolean {
    return this.#watching === 0;
  }

  async follow(place: Place, listener: Listener, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const left = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    this.#watching += 1;
    this.#reader ??= this.#read(place);
    const reader = this.#reader;
    try {
      await Promise.race([reader.begun, left]);
      listener(this.#text);
      this.#listeners.add(listener);
      await Promise.race([reader.ended, left]);
    } finally {
      this.#listeners.delete(listener);
      this.#watching -= 1;
      if (this.isIdle) reader.stop();
    }
  }

  #read(place: Place): Reader {
    const abort = new AbortController();
    const client = place.connect(abort.signal);
    const begun = client.then((open) => this.#begin(open, place, abort.signal));
    const ended = begun.then(async () => this.#goOn(await client, place, abort.signal));
    const reader = {
      begun,
      ended,
      stop: () => {
        abort.abort();
        if (this.#reader === reader) this.#reader = undefined;
        client.then((open) => open.close()).catch(() => {});
      },
    };
    // What went wrong is told to those who watch; the next one begins anew.
    ended.catch(reader.stop);
    return reader;
  }

  async #begin(client: IncusClient, { project, name }: Place, signal: AbortSignal): Promise<void> {
    const first = await client.getConsoleLog(project, name, { signal });
    // All of it when the instance is stopped; what is new when it runs.
    this.#tell(first.startsWith(this.#text) ? first.slice(this.#text.length) : first);
  }

  async #goOn(client: IncusClient, place: Place, signal: AbortSignal): Promise<void> {
    for await (const part of followConsole(client, place, this.#text, signal)) this.#tell(part);
  }

  #tell(part: string): void {
    if (part === "") return;
    this.#text = `${this.#text}${part}`.slice(-knownLength);
    for (const listener of this.#listeners) listener(part);
  }
}
