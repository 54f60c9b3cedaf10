/** Waiting for what the server does in the background. */
import { CancelledError, IncusError } from "../errors.ts";
import { parseEnvelope, toOperation } from "./envelope.ts";
import { incusFailure } from "./failure.ts";
import { readAll, type Transport } from "./transport.ts";

export interface Operation {
  /** What is being done, for messages. */
  readonly what: string;
  readonly method: string;
  /** Of the request that started it. */
  readonly requestPath: string;
  /** `/1.0/operations/<id>` */
  readonly path: string;
  /** What the operation itself says: sockets, exit codes. */
  readonly metadata: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** How long a cancelled operation may take to end before the caller gets its answer anyway. */
const CANCEL_PATIENCE_MS = 30_000;

/**
 * Waits for the end, however long that takes, and answers the operation with its last metadata. Begin at once: Incus
 * forgets an operation some seconds after its end.
 *
 * When the signal aborts, the operation is cancelled on the server. Some cannot be: then its end is awaited for at
 * most 30 s, so that what the caller does next does not meet an instance that is still busy.
 * @throws IncusError when it failed; CancelledError when the signal aborted
 */
export async function waitForOperation(transport: Transport, operation: Operation): Promise<Operation> {
  const { signal } = operation;
  const ended = askForEnd(transport, operation);
  if (signal === undefined) return ended;
  return new Promise((resolve, reject) => {
    const cancel = () => void cancelOnServer(transport, operation, ended).then(reject);
    if (signal.aborted) return cancel();
    signal.addEventListener("abort", cancel, { once: true });
    ended
      .finally(() => signal.removeEventListener("abort", cancel))
      // After an abort this promise belongs to the cancellation.
      .then(
        (operation) => signal.aborted || resolve(operation),
        (error) => signal.aborted || reject(error),
      );
  });
}

// --- internal ---

async function askForEnd(transport: Transport, operation: Operation): Promise<Operation> {
  const response = await transport.send({
    what: operation.what,
    method: "GET",
    path: `${operation.path}/wait?timeout=-1`,
    headers: {},
  });
  const text = (await readAll(response, operation)).toString("utf8");
  const envelope = parseEnvelope(operation.what, response.statusCode ?? 0, text);
  // A failed operation answers with HTTP 200 and an error body without metadata: only the body counts.
  if (envelope.type === "error") throw failed(operation, envelope.status, envelope.words);
  if (envelope.type === "async")
    throw new IncusError(`Cannot ${operation.what}: Incus answered the wait with another operation`);
  const last = toOperation(envelope.metadata);
  if (last.err !== "" || last.status_code !== 200)
    throw failed(operation, last.status_code, last.err || `the operation ended with status ${last.status_code}`);
  return { ...operation, metadata: last.metadata };
}

function failed(operation: Operation, status: number, words: string): IncusError {
  const { what, method, requestPath } = operation;
  return incusFailure({ what, method, path: requestPath, operation: operation.path, status, words });
}

async function cancelOnServer(
  transport: Transport,
  operation: Operation,
  ended: Promise<Operation>,
): Promise<CancelledError> {
  const settled = ended.then(
    () => true,
    () => true,
  );
  const answer = await transport
    .send({ what: `cancel: ${operation.what}`, method: "DELETE", path: operation.path, headers: {} })
    .catch(() => undefined);
  answer?.resume();
  const hasEnded = await Promise.race([settled, patience()]);
  return new CancelledError(`Cancelled: ${operation.what}`, {
    details: { operation: operation.path, hasEnded },
    ...(hasEnded ? {} : { hint: 'The server is still at it: look with "incus operation list"' }),
  });
}

function patience(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(resolve, CANCEL_PATIENCE_MS, false as const).unref();
  });
}
