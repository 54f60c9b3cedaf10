/** Running a command in an instance with its streams connected, over one websocket a stream. */
import type { RawData, WebSocket } from "ws";
import { CancelledError, IncusError } from "../errors.ts";
import { type Api, segment } from "./api.ts";
import { isObject } from "./envelope.ts";
import type { Operation } from "./operation.ts";
import type { Cancellable, ExecStreams, StringMap } from "./types.ts";

/** By the name of their file descriptor: `0`, `1`, `2`, `control`. */
type Sockets = Readonly<Record<string, WebSocket>>;

export interface ExecOptions extends Cancellable {
  readonly environment?: StringMap;
  readonly cwd?: string;
  readonly user?: number;
}

/** Resolves with the exit code when the command has ended and its output is written. */
export async function execStream(
  api: Api,
  project: string,
  name: string,
  command: readonly string[],
  streams: ExecStreams,
  options: ExecOptions,
): Promise<number> {
  const { signal, ...rest } = options;
  const { terminal } = streams;
  const size = terminal ? { width: terminal.columns, height: terminal.rows } : {};
  const json = {
    ...rest,
    ...size,
    command,
    "wait-for-websocket": true,
    "record-output": false,
    interactive: terminal !== undefined,
  };
  const what = `run "${command.join(" ")}" in the instance "${name}"`;
  const operation = await api.start({
    what,
    method: "POST",
    path: `/1.0/instances/${segment(name)}/exec`,
    query: { project },
    json,
    signal,
  });
  // The signal is answered below by a signal to the command, so the wait goes on to the end that it brings.
  const ended = api.wait({ ...operation, signal: undefined });
  ended.catch(() => {});
  const { sockets, written } = await openStreams(api, operation, ended, (fd, socket) => outputOf(fd, socket, streams));
  try {
    const release = attach(sockets, streams, signal);
    const [result] = await Promise.all([ended, ...written]).finally(release);
    if (signal?.aborted) throw new CancelledError(`Cancelled: ${what}`);
    return exitCodeOf(result);
  } finally {
    closeAll(sockets);
  }
}

/** The connections of an operation, open; `listen` answers what settles when all that comes on one of them is dealt with. */
export async function openStreams(
  api: Api,
  operation: Operation,
  ended: Promise<Operation>,
  listen: (fd: string, socket: WebSocket) => Promise<void>[],
): Promise<{ readonly sockets: Sockets; readonly written: readonly Promise<void>[] }> {
  const sockets: Record<string, WebSocket> = {};
  const written: Promise<void>[] = [];
  try {
    for (const fds of inOrder(operation)) {
      // Listening begins before a connection is open: output may come with the answer to the last one of them.
      for (const [fd, secret] of fds) {
        const socket = await openSocket(api, operation, secret);
        sockets[fd] = socket;
        written.push(...listen(fd, socket));
      }
      await connected(
        fds.map(([fd]) => sockets[fd]),
        operation,
        ended,
      );
    }
    return { sockets, written };
  } catch (error) {
    closeAll(sockets);
    throw error;
  }
}

/** Sends what is typed, one piece after the other; answers what ends that. */
export function attachInput(
  socket: WebSocket | undefined,
  { stdin, terminal }: Pick<ExecStreams, "stdin" | "terminal">,
): Release {
  if (socket === undefined) return () => {};
  // The end of input is an empty text frame; a terminal takes the key that means it.
  const onEnd = () => (terminal ? send(socket, Buffer.from([4])) : send(socket, ""));
  if (stdin === undefined) {
    if (terminal === undefined) onEnd();
    return () => {};
  }
  const onData = (chunk: Buffer | string) => {
    if (socket.readyState !== socket.OPEN) return;
    stdin.pause();
    socket.send(Buffer.from(chunk as string), { binary: true }, () => stdin.resume());
  };
  stdin.on("data", onData).once("end", onEnd);
  return () => {
    stdin.off("data", onData).off("end", onEnd);
    stdin.pause();
  };
}

/** Tells the size of the terminal as it changes; answers what ends that. */
export function attachResize(control: WebSocket | undefined, { terminal }: Pick<ExecStreams, "terminal">): Release {
  if (control === undefined || terminal === undefined) return () => {};
  return terminal.onResize((columns, rows) => {
    send(control, JSON.stringify({ command: "window-resize", args: { width: String(columns), height: String(rows) } }));
  });
}

/** Settles when all that comes on an output's connection is written. */
export function outputOf(fd: string, socket: WebSocket, { stdout, stderr, terminal }: ExecStreams): Promise<void>[] {
  const out = { "0": terminal && stdout, "1": stdout, "2": stderr }[fd];
  return out ? [drain(socket, out)] : [];
}

// --- internal ---

type Release = () => void;
type Fd = readonly [name: string, secret: string];

/**
 * First the control connection alone: without a terminal the server does not wait for it, and a short command would end
 * before it is there. The command starts with the last one of the others: 0, 1 and 2, or with a terminal 0.
 */
function inOrder(operation: Operation): Fd[][] {
  const fds = isObject(operation.metadata) && isObject(operation.metadata.fds) ? operation.metadata.fds : {};
  const all = Object.entries(fds).map(([fd, secret]): Fd => [fd, String(secret)]);
  return [all.filter(([fd]) => fd === "control"), all.filter(([fd]) => fd !== "control")];
}

/**
 * Pings are not answered: the server closes as soon as the command has ended, and an answer that then meets a closed
 * connection would end ours before its last output is read.
 */
function openSocket(api: Api, operation: Operation, secret: string): Promise<WebSocket> {
  return api.transport.openWebSocket(`${operation.path}/websocket?secret=${encodeURIComponent(secret)}`, {
    answersPings: false,
  });
}

/** A command that cannot be started ends its operation, which says more than the connections that then fail. */
async function connected(
  sockets: readonly (WebSocket | undefined)[],
  operation: Operation,
  ended: Promise<Operation>,
): Promise<void> {
  try {
    await Promise.all(sockets.map((socket) => socket && opened(socket, operation.what)));
  } catch (error) {
    await ended;
    throw error;
  }
}

function opened(socket: WebSocket, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => {
      // From here on a broken connection shows as the end of the operation.
      socket.on("error", () => {});
      resolve();
    });
    socket.once("error", (cause) =>
      reject(new IncusError(`Cannot ${what}: no connection to its streams: ${cause.message}`, { cause })),
    );
  });
}

function attach(sockets: Sockets, streams: ExecStreams, signal: AbortSignal | undefined): Release {
  const releases = [
    attachInput(sockets["0"], streams),
    attachResize(sockets.control, streams),
    attachSignal(sockets.control, signal),
  ];
  return () => {
    for (const release of releases) release();
  };
}

/** An abort kills the command: a clean end can be asked for with a key or from another exec. */
function attachSignal(control: WebSocket | undefined, signal: AbortSignal | undefined): Release {
  if (control === undefined || signal === undefined) return () => {};
  const kill = () => send(control, JSON.stringify({ command: "signal", signal: 9 }));
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill, { once: true });
  return () => signal.removeEventListener("abort", kill);
}

/**
 * Writes what comes, as fast as it is taken, until the end: an empty text frame, then the close of the connection.
 * Both ways of a terminal share one connection, so the server waits until we close it too.
 */
function drain(socket: WebSocket, out: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    socket.on("message", (data: RawData, isBinary: boolean) => {
      if (!isBinary && (data as Buffer).length === 0) return socket.close();
      if (out.write(data as Buffer)) return;
      socket.pause();
      out.once("drain", () => socket.resume());
    });
    socket.once("close", () => resolve());
  });
}

function send(socket: WebSocket, message: string | Buffer): void {
  if (socket.readyState === socket.OPEN) socket.send(message);
}

function exitCodeOf(operation: Operation): number {
  return Number(isObject(operation.metadata) ? operation.metadata.return : Number.NaN);
}

function closeAll(sockets: Sockets): void {
  for (const socket of Object.values(sockets)) socket.close();
}
