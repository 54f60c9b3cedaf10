import { PassThrough, type Readable } from "node:stream";
import type { RunOptions } from "../exec/run.ts";
import type { TransportOptions } from "./transport.ts";

type Input = TransportOptions["input"];

export function isStream(input: Input): input is Readable {
  return input !== undefined && typeof input !== "string" && !(input instanceof Uint8Array);
}

/** The input as `run` takes it. */
export function stdinOf(input: Input): Pick<RunOptions, "stdin"> {
  if (input === undefined) return {};
  return { stdin: isStream(input) ? { stream: input } : { text: input } };
}

/** The input with lines before it. */
export function withHead(head: string, input: Input): Exclude<Input, undefined> {
  if (input === undefined) return head;
  if (!isStream(input)) return Buffer.concat([Buffer.from(head), Buffer.from(input as Uint8Array)]);
  const stream = new PassThrough();
  stream.write(head);
  input.once("close", () => stream.end());
  return input.pipe(stream);
}
