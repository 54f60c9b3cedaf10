/**
 * One Incus server, followed: a kept connection, its events, and what runs there, read again when an event says that it changed. When the server goes,
 * it is tried again until it is back.
 */
import { setMaxListeners } from "node:events";
import { FloeError, IncusError } from "../../errors.ts";
import type { IncusClient, IncusEvent, IncusImage, IncusInstance } from "../../incus/types.ts";
import type { ServerAnswer } from "../../list/list-fleet.ts";
import type { Server } from "../../model/fleet.ts";
import { connect } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import { linkedTo, pause, within } from "../../util/pause.ts";

/** Events come in groups: what follows within this time is one change. */
const settleMs = 120;
/** A server that is gone is tried again after this, and twice as long each time, up to `maxRetryMs`. */
const retryMs = 400;
const maxRetryMs = 5_000;
/** A server that takes longer does not answer. */
const answerMs = 15_000;
/** What no event tells, and a connection that died without a word, is noticed by reading anew. */
const refreshMs = 60_000;

export interface Link {
  readonly server: Server;
  answer(): ServerAnswer;
  /** The kept connection, or why there is none. */
  client(): IncusClient | FloeError;
  /** When that was read, on the clock of `performance.now()`. */
  readAt(): number;
  /** Reads what runs again soon; without `images` only the instances. */
  refresh(what?: { readonly images?: boolean }): void;
  stop(): void;
}

/** `onChange`: something was read that may differ. The first time the server answered, or did not, counts too. */
export function followServer(server: Server, onChange: () => void): Link {
  const stopped = new AbortController();
  setMaxListeners(0, stopped.signal);
  let state: { answer: ServerAnswer; client: IncusClient | FloeError; readAt: number } = {
    readAt: 0,
    answer: { ok: false, message: "It has not been asked yet" },
    client: new IncusError(`The Incus server "${server.name}" has not been asked yet`),
  };
  let wake: (images: boolean) => void = () => {};
  const lost = (error: FloeError): void => {
    const { message, hint } = error;
    state = { answer: { ok: false, message, ...defined({ hint }) }, client: error, readAt: performance.now() };
    onChange();
  };
  const connected = (client: IncusClient, answer: ServerAnswer): void => {
    state = { answer, client, readAt: performance.now() };
    onChange();
  };
  keepFollowing(server, stopped.signal, { lost, connected, onWake: (tell) => (wake = tell) });
  return {
    server,
    answer: () => state.answer,
    client: () => state.client,
    readAt: () => state.readAt,
    refresh: ({ images = true } = {}) => wake(images),
    stop: () => stopped.abort(),
  };
}

// --- internal ---

interface Told {
  lost(error: FloeError): void;
  connected(client: IncusClient, answer: ServerAnswer): void;
  onWake(tell: (images: boolean) => void): void;
}

async function keepFollowing(server: Server, stopped: AbortSignal, told: Told): Promise<void> {
  let waitMs = retryMs;
  while (!stopped.aborted) {
    const begun = performance.now();
    try {
      await follow(server, stopped, told);
    } catch (error) {
      if (!stopped.aborted)
        told.lost(error instanceof FloeError ? error : new IncusError(`Incus cannot be followed: ${String(error)}`));
    }
    if (performance.now() - begun > maxRetryMs) waitMs = retryMs;
    await pause(waitMs, stopped);
    waitMs = Math.min(maxRetryMs, waitMs * 2);
  }
}

/** Until the connection ends, which is an error. */
async function follow(server: Server, stopped: AbortSignal, told: Told): Promise<void> {
  const ended = linkedTo(stopped);
  const { signal } = ended;
  setMaxListeners(0, signal);
  const client = await within(answerMs, signal, (limit) => connect(server, { signal: limit }));
  try {
    const events = client.events(["lifecycle"], { signal });
    await orLater(events.connected, answerMs);
    const reader = readWhenTold(client, signal, told);
    const listening = (async () => {
      for await (const event of events) reader.tell(event);
      throw new IncusError(`The connection to the Incus server "${server.name}" ended`);
    })();
    await Promise.race([listening, reader.failed]);
  } finally {
    ended.abort();
    client.close();
  }
}

/** Reads at once, then after each event; one read at a time. */
function readWhenTold(client: IncusClient, signal: AbortSignal, told: Told) {
  let images: readonly IncusImage[] = [];
  let isDue = true;
  let areImagesDue = true;
  let wake = (): void => {};
  const due = (withImages: boolean): void => {
    isDue = true;
    areImagesDue ||= withImages;
    wake();
  };
  told.onWake(due);
  const read = async (withImages: boolean): Promise<void> => {
    const [instances, newImages] = await within(answerMs, signal, (limit) =>
      Promise.all([
        client.listAllInstances({ signal: limit }),
        withImages ? client.listAllImages({ signal: limit }) : images,
      ]),
    );
    images = newImages;
    told.connected(client, { ok: true, instances: instances.map(lean), images });
  };
  const run = async (): Promise<never> => {
    for (;;) {
      if (!isDue) {
        const woken = linkedTo(signal);
        wake = () => woken.abort();
        await pause(refreshMs, woken.signal);
        areImagesDue ||= !woken.signal.aborted;
        woken.abort();
        await pause(settleMs, signal);
      }
      signal.throwIfAborted();
      const withImages = areImagesDue;
      isDue = false;
      areImagesDue = false;
      // Others use the connection: one question that fails does not end it.
      await read(withImages).catch(async () => {
        await pause(retryMs, signal);
        signal.throwIfAborted();
        await read(true);
      });
    }
  };
  const failed = run();
  failed.catch(() => {});
  return {
    failed,
    tell({ metadata }: IncusEvent) {
      const action = String(metadata["action"] ?? "");
      if (/^(instance-(exec|console|log|file|metadata)|.*-retrieved$)/.test(action)) return;
      if (/^(instance|image|profile|storage-volume|project)-/.test(action)) due(action.startsWith("image-"));
    },
  };
}

/** Without what is large and looked at by nobody here. */
function lean(instance: IncusInstance): IncusInstance {
  return { ...instance, snapshots: null };
}

async function orLater(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new IncusError("Incus does not answer")), ms).unref();
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
