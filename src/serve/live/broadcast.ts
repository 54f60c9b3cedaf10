/** One stream for all pages. What has an id is kept for a while, so that a browser that was asleep gets what it missed. */
import { randomBytes } from "node:crypto";
import type { ServerEvent } from "../protocol.ts";

/** Events that are kept. */
const maxKept = 2000;
/** Characters that are kept of them. */
const maxKeptLength = 4 * 1024 * 1024;

export interface Listener {
  send(event: string, data: unknown, id?: string): unknown;
}

type Numbered = Extract<ServerEvent, { readonly type: "job" | "progress" }>;

export interface Broadcast {
  /** Without an id: whoever connects later asks for the present state. */
  send(event: ServerEvent): void;
  /** With an id. */
  sendNumbered(event: Numbered): void;
  /** What a listener missed since `lastEventId`; undefined: that is not known any more. */
  missed(lastEventId: string): readonly { readonly id: string; readonly event: Numbered }[] | undefined;
  /** Answers how to leave. */
  join(listener: Listener): () => void;
  /** Told when the first listener comes and when the last has gone. */
  onWatched(tell: (isWatched: boolean) => void): void;
  readonly listeners: number;
}

export function openBroadcast(limits = { events: maxKept, length: maxKeptLength }): Broadcast {
  // Ids of a server that ran before mean nothing here.
  const run = randomBytes(4).toString("hex");
  const listeners = new Set<Listener>();
  const watchers: ((isWatched: boolean) => void)[] = [];
  const kept: { readonly event: Numbered; readonly length: number }[] = [];
  let keptLength = 0;
  let last = 0;
  const idOf = (number: number): string => `${run}-${number}`;
  return {
    send({ type, data }) {
      for (const listener of listeners) listener.send(type, data);
    },
    sendNumbered(event) {
      last += 1;
      const length = JSON.stringify(event.data).length;
      kept.push({ event, length });
      keptLength += length;
      while (kept.length > limits.events || keptLength > limits.length) keptLength -= kept.shift()?.length ?? 0;
      for (const listener of listeners) listener.send(event.type, event.data, idOf(last));
    },
    missed(lastEventId) {
      const [, from, number] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(lastEventId) ?? [];
      const seen = Number(number);
      const first = last - kept.length;
      if (from !== run || seen < first || seen > last) return undefined;
      return kept.slice(seen - first).map(({ event }, index) => ({ id: idOf(seen + index + 1), event }));
    },
    join(listener) {
      listeners.add(listener);
      if (listeners.size === 1) for (const tell of watchers) tell(true);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) for (const tell of watchers) tell(false);
      };
    },
    onWatched: (tell) => watchers.push(tell),
    get listeners() {
      return listeners.size;
    },
  };
}
