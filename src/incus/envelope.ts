/** The envelope around every JSON answer of Incus. */
import { IncusError } from "../errors.ts";

export type Envelope =
  | { readonly type: "sync"; readonly metadata: unknown }
  | { readonly type: "async"; readonly operation: string; readonly metadata: OperationMetadata }
  | { readonly type: "error"; readonly status: number; readonly words: string };

/** What Incus says of an operation; unknown fields are left out. */
export interface OperationMetadata {
  /** 200 is success, 400 failure, 401 cancelled; below that it still runs. */
  readonly status_code: number;
  readonly err: string;
  /** The operation's own result. */
  readonly metadata: unknown;
}

/**
 * @param what - for messages: `create the instance "web"`
 * @throws IncusError when this is no answer of Incus
 */
export function parseEnvelope(what: string, status: number, text: string): Envelope {
  const body = parseObject(what, status, text);
  switch (body.type) {
    case "sync":
      return { type: "sync", metadata: body.metadata };
    case "async":
      return { type: "async", operation: String(body.operation), metadata: toOperation(body.metadata) };
    case "error":
      return { type: "error", status: Number(body.error_code) || 0, words: String(body.error) };
    default:
      throw notIncus(what, status, text);
  }
}

export function toOperation(value: unknown): OperationMetadata {
  const fields = isObject(value) ? value : {};
  return {
    status_code: Number(fields.status_code) || 0,
    err: typeof fields.err === "string" ? fields.err : "",
    metadata: fields.metadata,
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(what: string, status: number, text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    // Told below, with what came instead.
  }
  throw notIncus(what, status, text);
}

function notIncus(what: string, status: number, text: string): IncusError {
  return new IncusError(`Cannot ${what}: the answer is not one of Incus: "${text.slice(0, 200)}"`, {
    status,
    hint: "Is something else listening at this address?",
  });
}
