/** Server-sent events to one browser. */
import type { ServerResponse } from "node:http";
import type { EventsOut } from "./router.ts";

/** A proxy or a phone closes what is silent for longer. */
const heartbeatMs = 15_000;
/** Bytes that may wait for a browser that does not read; it connects again and catches up. */
const maxWaiting = 8 * 1024 * 1024;

/** What is refused within this time is refused with a status; from then on the stream is open, also while there is nothing to send. */
const openAfterMs = 300;

export interface OpenEvents extends EventsOut {
  /** Whether the browser has been told that this is a stream. */
  isOpen(): boolean;
  end(): void;
}

/** The stream opens with the first event, or soon. */
export function beginEvents(response: ServerResponse): OpenEvents {
  let heartbeat: NodeJS.Timeout | undefined;
  const open = (): void => {
    if (heartbeat !== undefined || response.destroyed || response.writableEnded) return;
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Accel-Buffering": "no",
    });
    response.write("retry: 2000\n\n");
    heartbeat = setInterval(() => response.write(": still here\n\n"), heartbeatMs).unref();
  };
  const opening = setTimeout(open, openAfterMs).unref();
  const stop = (): void => {
    clearTimeout(opening);
    clearInterval(heartbeat);
  };
  response.on("close", stop);
  const lastEventId = response.req.headers["last-event-id"];
  return {
    lastEventId: typeof lastEventId === "string" ? lastEventId.slice(0, 100) : undefined,
    send(event, data, id) {
      open();
      if (response.destroyed || response.writableEnded) return false;
      // JSON has no line breaks of its own.
      const isTaken = response.write(
        `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
      );
      if (response.writableLength > maxWaiting) response.destroy();
      return isTaken;
    },
    drained: () =>
      new Promise((resolve) => {
        if (!response.writableNeedDrain || response.destroyed) return resolve();
        const done = (): void => {
          response.off("drain", done).off("close", done);
          resolve();
        };
        response.on("drain", done).on("close", done);
      }),
    isOpen: () => heartbeat !== undefined,
    end() {
      open();
      stop();
      response.end();
    },
  };
}
