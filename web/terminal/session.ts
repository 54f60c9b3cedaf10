/** The line between a terminal in the page and one in an instance: bytes both ways, the size, and how it ended. */
import type { TerminalMessage } from "../../src/serve/protocol.ts";
import { urlOf } from "../state/base.ts";

export type SessionState =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  /** The command has ended. */
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "failed"; readonly message: string };

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface TerminalSession {
  send(bytes: Uint8Array): void;
  resize(size: Size): void;
  close(): void;
}

export interface SessionListeners {
  readonly onBytes: (bytes: Uint8Array) => void;
  readonly onState: (state: SessionState) => void;
}

/** `path`: `api/instances/web-1/terminal`. */
export function openSession(path: string, size: Size, { onBytes, onState }: SessionListeners): TerminalSession {
  const url = urlOf(`${path}?${new URLSearchParams({ width: String(size.width), height: String(size.height) })}`);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  let isOver = false;
  const finish = (state: SessionState): void => {
    if (isOver) return;
    isOver = true;
    onState(state);
  };
  onState({ kind: "connecting" });
  socket.onopen = () => onState({ kind: "open" });
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data !== "string") return onBytes(new Uint8Array(data));
    const message = JSON.parse(data) as TerminalMessage;
    if (message.type === "exit") finish({ kind: "exited", code: message.code });
    if (message.type === "error") finish({ kind: "failed", message: message.message });
  };
  // A refused upgrade and a lost line look alike from here.
  socket.onclose = () => finish({ kind: "failed", message: "The connection was lost" });
  const tell = (data: string | Uint8Array<ArrayBuffer>): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(data);
  };
  return {
    send: (bytes) => tell(new Uint8Array(bytes)),
    resize: (to) => tell(JSON.stringify({ type: "resize", ...to } satisfies TerminalMessage)),
    close() {
      isOver = true;
      socket.close();
    },
  };
}
