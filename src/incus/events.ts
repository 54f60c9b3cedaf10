/** The server's event stream. There is no replay: after a lost connection, read again what matters. */
import type { RawData, WebSocket } from "ws";
import { IncusError } from "../errors.ts";
import type { Api } from "./api.ts";
import type { IncusClient, IncusEvent } from "./types.ts";

type EventCalls = Pick<IncusClient, "events">;

export function eventCalls(api: Api): EventCalls {
  return {
    events(types, { signal, project }) {
      const query = new URLSearchParams({
        type: types.join(","),
        ...(project === undefined ? { "all-projects": "true" } : { project }),
      });
      const queue = new EventQueue();
      const connected = listen(api, `/1.0/events?${query}`, queue, signal);
      // Whoever only iterates gets the error from the iteration.
      connected.catch((error) => queue.end(error));
      return { connected, [Symbol.asyncIterator]: () => queue.iterate() };
    },
  };
}

// --- internal ---

/** Events that came and are not yet taken. */
class EventQueue {
  readonly #waiting: IncusEvent[] = [];
  #ended = false;
  #error: unknown;
  #wake: () => void = () => {};

  push(event: IncusEvent): void {
    this.#waiting.push(event);
    this.#wake();
  }

  end(error?: unknown): void {
    this.#error ??= error;
    this.#ended = true;
    this.#wake();
  }

  async *iterate(): AsyncGenerator<IncusEvent, void, void> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) yield event;
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

async function listen(api: Api, path: string, queue: EventQueue, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return queue.end();
  const socket = await api.transport.openWebSocket(path);
  const stop = () => socket.terminate();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  socket.on("message", (data) => queue.push(parse(data)));
  socket.on("close", () => {
    signal.removeEventListener("abort", stop);
    queue.end();
  });
  await opened(socket, signal);
}

function opened(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.on("error", (cause) => {
      if (signal.aborted) return resolve();
      reject(new IncusError(`Cannot listen to the events of Incus: ${cause.message}`, { cause }));
    });
  });
}

function parse(data: RawData): IncusEvent {
  return JSON.parse(data.toString()) as IncusEvent;
}
