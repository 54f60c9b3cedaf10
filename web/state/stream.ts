/** One stream of server-sent events, read with `fetch`: it notices when the line is dead, and comes back where it was. */
import { createSseReader, retryDelayMs, type SseMessage } from "../lib/sse.ts";
import { asRefused, open, type RefusedError } from "./api.ts";

export interface StreamOptions {
  readonly onMessage: (message: SseMessage) => void;
  /** The stream is open: what was missed comes by itself when there was an id, else it has to be asked for. */
  readonly onOpen?: () => void;
  /** It is lost; another try follows by itself. */
  readonly onLost?: (error: RefusedError) => void;
  /** The server has said all; absent: it is opened again. */
  readonly onEnd?: () => void;
  /** It is refused for good (401, 404, ...): no further try. */
  readonly onRefused?: (error: RefusedError) => void;
  /** Without a sign of life for this long it counts as lost. The server sends one every 15 s. */
  readonly silenceMs?: number;
}

/** A page that nobody has looked at for so long gives its connection back: a browser has only six to one server. Milliseconds. */
const awayMs = 60_000;

/** Opens it and keeps it open until it is closed. Also follows the logs of an instance, with `onEnd`. */
export function openStream(path: string, options: StreamOptions): { close(): void } {
  const stream = new Stream(path, options);
  const stopWatching = watchPage(stream);
  void stream.run();
  return {
    close() {
      stopWatching();
      stream.close();
    },
  };
}

// --- internal ---

class Stream {
  readonly #path: string;
  readonly #options: StreamOptions;
  readonly #closing = new AbortController();
  #connection = new AbortController();
  #lastId: string | undefined;
  #attempt = 0;
  #heardAt = Date.now();
  #isAway = false;
  #wake: () => void = () => {};

  constructor(path: string, options: StreamOptions) {
    this.#path = path;
    this.#options = options;
  }

  async run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      if (this.#isAway) {
        await this.#pause(awayMs);
        continue;
      }
      const end = await this.#readOnce();
      if (end !== "again") return;
      if (this.#isAway) continue;
      this.#attempt += 1;
      await this.#pause(retryDelayMs(this.#attempt, Math.random()));
    }
  }

  close(): void {
    this.#closing.abort();
    this.#wake();
  }

  /** Nobody looks. */
  leave(): void {
    this.#isAway = true;
    this.#connection.abort();
  }

  /** Somebody looks, or the network is back. After a sleep timers are late and the line is dead, though nobody has said so. */
  comeBack(): void {
    this.#isAway = false;
    this.checkSilence();
    this.#wake();
  }

  checkSilence(): void {
    if (Date.now() - this.#heardAt > (this.#options.silenceMs ?? 40_000)) this.#connection.abort();
  }

  async #readOnce(): Promise<"again" | "over"> {
    const { onLost, onRefused, onEnd } = this.#options;
    try {
      await this.#readAll();
      onEnd?.();
      return onEnd === undefined ? "again" : "over";
    } catch (error) {
      if (this.#closing.signal.aborted) return "over";
      const refused = asRefused(error);
      if (refused.status >= 400 && refused.status < 500 && refused.status !== 429) {
        onRefused?.(refused);
        return "over";
      }
      if (!this.#isAway) onLost?.(refused);
      return "again";
    }
  }

  async #readAll(): Promise<void> {
    this.#connection = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, this.#connection.signal]);
    const headers = this.#lastId === undefined ? {} : { "last-event-id": this.#lastId };
    this.#heardAt = Date.now();
    const response = await open(this.#path, headers, signal);
    this.#attempt = 0;
    this.#options.onOpen?.();
    const read = createSseReader();
    const pieces = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = (await pieces?.read()) ?? { done: true };
      if (done || value === undefined) return;
      this.#heardAt = Date.now();
      for (const message of read(value)) {
        this.#lastId = message.id ?? this.#lastId;
        this.#options.onMessage(message);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Tells the stream whether somebody looks at the page; returns how to stop. */
function watchPage(stream: Stream): () => void {
  let leaving: ReturnType<typeof setTimeout> | undefined;
  const watchdog = setInterval(() => stream.checkSilence(), 5_000);
  const back = (): void => stream.comeBack();
  const look = (): void => {
    clearTimeout(leaving);
    if (document.visibilityState === "visible") back();
    else leaving = setTimeout(() => stream.leave(), awayMs);
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", back);
  return () => {
    clearInterval(watchdog);
    clearTimeout(leaving);
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("online", back);
  };
}
