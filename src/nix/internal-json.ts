/** Reads the lines of `nix --log-format internal-json`. Unknown kinds are passed over, because every release adds some. */
import { isRecord } from "../util/files.ts";

/** An activity's id. Text, because ids are 64-bit numbers. */
export type ActivityId = string;

export type NixLogEvent =
  | {
      readonly kind: "start";
      readonly id: ActivityId;
      readonly activity: number;
      readonly text: string;
      readonly fields: readonly unknown[];
    }
  | { readonly kind: "stop"; readonly id: ActivityId }
  | { readonly kind: "result"; readonly id: ActivityId; readonly result: number; readonly fields: readonly unknown[] }
  | ({ readonly kind: "message"; readonly level: number } & NixMessage);

/** A message with everything nix says about where it comes from; an error's trace begins with the innermost step. */
export interface NixMessage extends NixPosition {
  /** As nix prints it, with colours. */
  readonly text: string;
  /** An error's own words, without its trace. */
  readonly raw?: string;
  readonly trace: readonly (NixPosition & { readonly text: string })[];
}

export interface NixPosition {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Kinds of activities. */
export const ACTIVITY = { copyPath: 100, builds: 104, build: 105 } as const;
/** Kinds of results. */
export const RESULT = { buildLogLine: 101, setPhase: 104, progress: 105, postBuildLogLine: 107 } as const;
/** Levels of messages. */
export const LEVEL = { error: 0, warning: 1, notice: 2, info: 3 } as const;

const PREFIX = "@nix ";

/** The event in a line of stderr; `undefined` when the line holds none. */
export function decodeNixLog(line: string): NixLogEvent | undefined {
  if (!line.startsWith(PREFIX)) return undefined;
  const text = line.slice(PREFIX.length);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const id = /"id":\s*(\d+)/.exec(text)?.[1];
  const fields = Array.isArray(value["fields"]) ? value["fields"] : [];
  switch (value["action"]) {
    case "start":
      return id === undefined
        ? undefined
        : { kind: "start", id, activity: Number(value["type"] ?? 0), text: asText(value["text"]), fields };
    case "stop":
      return id === undefined ? undefined : { kind: "stop", id };
    case "result":
      return id === undefined ? undefined : { kind: "result", id, result: Number(value["type"] ?? 0), fields };
    case "msg":
      return { kind: "message", level: Number(value["level"] ?? LEVEL.info), ...messageOf(value) };
    default:
      return undefined;
  }
}

// --- internal ---

function messageOf(value: Record<string, unknown>): NixMessage {
  const trace = Array.isArray(value["trace"]) ? value["trace"].filter(isRecord) : [];
  return {
    text: asText(value["msg"]),
    ...(typeof value["raw_msg"] === "string" ? { raw: value["raw_msg"] } : {}),
    ...positionOf(value),
    trace: trace.map((step) => ({ text: asText(step["raw_msg"]), ...positionOf(step) })),
  };
}

/** Newer releases write `PATH:LINE:COLUMN` into `file`, older ones the path alone. */
function positionOf(value: Record<string, unknown>): NixPosition {
  if (typeof value["file"] !== "string") return {};
  return {
    file: value["file"].replace(/:\d+:\d+$/, ""),
    ...(typeof value["line"] === "number" ? { line: value["line"] } : {}),
    ...(typeof value["column"] === "number" ? { column: value["column"] } : {}),
  };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
