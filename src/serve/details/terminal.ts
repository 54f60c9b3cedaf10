/** A terminal in the browser: bytes in both directions over a WebSocket, its size and its end as text. */
import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import type { RawData, WebSocket } from "ws";
import { CancelledError } from "../../errors.ts";
import type { ExecStreams } from "../../pipeline.ts";
import type { TerminalMessage } from "../protocol.ts";
import { badRequest } from "../refused.ts";

/** Bytes of one message of the browser: a paste comes in pieces. */
export const messageLimit = 64 * 1024;

/** Bytes that wait in each direction before the other side has to wait. */
const highWaterMark = 256 * 1024;

/** What is run with the terminal: a shell, which has an exit code, or the console, which has none. */
export type RunInTerminal = (
  streams: Required<Pick<ExecStreams, "stdin" | "stdout" | "stderr" | "terminal">>,
  signal: AbortSignal,
) => Promise<number | undefined>;

/** Characters. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** From `?width=W&height=H`. */
export function sizeOf(query: URLSearchParams): TerminalSize {
  return { width: bounded(query.get("width"), 80), height: bounded(query.get("height"), 24) };
}

/**
 * Resolves when what runs has ended, or the browser has left: that ends it. The browser is told the exit code. What it sends before anything runs is kept,
 * if this is called as soon as the socket is open.
 */
export async function serveTerminal(
  socket: WebSocket,
  size: TerminalSize,
  signal: AbortSignal,
  run: RunInTerminal,
): Promise<void> {
  const left = new AbortController();
  const leave = (): void => left.abort();
  socket.once("close", leave);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted || socket.readyState !== socket.OPEN) leave();
  const stdout = toBrowser(socket);
  const { stdin, terminal, refused } = fromBrowser(socket, size);
  try {
    const code = await Promise.race([run({ stdin, stdout, stderr: stdout, terminal }, left.signal), refused]);
    stdout.end();
    await once(stdout, "finish");
    tell(socket, { type: "exit", code: code ?? 0 });
  } catch (error) {
    if (!(error instanceof CancelledError && left.signal.aborted)) throw error;
  } finally {
    leave();
    signal.removeEventListener("abort", leave);
  }
}

// --- internal ---

/** One piece after the other has gone to the network before the next is taken: what runs waits for a slow browser. */
function toBrowser(socket: WebSocket): Writable {
  return new Writable({
    highWaterMark,
    write(chunk: Buffer, _encoding, done) {
      // Of a browser that has left nobody waits for the rest.
      if (socket.readyState !== socket.OPEN) return done();
      socket.send(chunk, { binary: true }, () => done());
    },
  });
}

interface Incoming {
  readonly stdin: PassThrough;
  readonly terminal: Required<ExecStreams>["terminal"];
  /** Rejects when the browser sends what no terminal sends. */
  readonly refused: Promise<never>;
}

function fromBrowser(socket: WebSocket, { width, height }: TerminalSize): Incoming {
  const size = { columns: width, rows: height };
  const stdin = new PassThrough({ highWaterMark });
  const listeners = new Set<(columns: number, rows: number) => void>();
  let refuse: (error: unknown) => void = () => {};
  const refused = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  refused.catch(() => {});
  socket.on("message", (data: RawData, isBinary: boolean) => {
    const bytes = data as Buffer;
    if (bytes.length > messageLimit) return refuse(badRequest(`A message has at most ${messageLimit} bytes`));
    if (!isBinary) {
      const wanted = readResize(bytes);
      if (wanted === undefined) return refuse(badRequest("This is no message of a terminal"));
      Object.assign(size, { columns: wanted.width, rows: wanted.height });
      for (const listener of listeners) listener(size.columns, size.rows);
      return;
    }
    if (stdin.write(bytes)) return;
    socket.pause();
    stdin.once("drain", () => socket.resume());
  });
  return {
    stdin,
    refused,
    terminal: Object.assign(size, {
      onResize(listener: (columns: number, rows: number) => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
  };
}

function readResize(bytes: Buffer): TerminalSize | undefined {
  try {
    const message = JSON.parse(bytes.toString("utf8")) as Partial<Extract<TerminalMessage, { type: "resize" }>> | null;
    if (message?.type !== "resize") return undefined;
    return { width: bounded(message.width, 80), height: bounded(message.height, 24) };
  } catch {
    return undefined;
  }
}

function bounded(value: unknown, otherwise: number): number {
  const number = typeof value === "number" ? value : Number.parseInt(String(value ?? ""), 10);
  return Number.isFinite(number) ? Math.min(1000, Math.max(1, Math.floor(number))) : otherwise;
}

function tell(socket: WebSocket, message: TerminalMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}
