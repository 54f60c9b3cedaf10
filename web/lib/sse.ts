/** Reads server-sent events out of the pieces of text in which they arrive. */

export interface SseMessage {
  /** `message` when the server names none. */
  readonly type: string;
  readonly data: string;
  readonly id?: string;
}

/** Returns the messages that a piece completes; what is begun is kept for the next piece. */
export function createSseReader(): (piece: string) => SseMessage[] {
  let rest = "";
  let fields = newFields();
  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    const messages: SseMessage[] = [];
    for (const line of lines) {
      if (line !== "") {
        readField(line, fields);
        continue;
      }
      const { type, data, id } = fields;
      if (data.length > 0) messages.push({ type, data: data.join("\n"), ...(id === undefined ? {} : { id }) });
      fields = newFields();
    }
    return messages;
  };
}

/** How long to wait before the try with this number, from 1: doubles up to half a minute, and varies so that many pages do not come at once. */
export function retryDelayMs(attempt: number, random: number): number {
  const longest = Math.min(30_000, 500 * 2 ** (attempt - 1));
  return Math.round(longest * (0.5 + random / 2));
}

// --- internal ---

interface Fields {
  type: string;
  data: string[];
  id?: string;
}

function newFields(): Fields {
  return { type: "message", data: [] };
}

/** A line without a name before the colon is a comment: the server's sign of life. */
function readField(line: string, fields: Fields): void {
  const colon = line.indexOf(":");
  const name = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
  if (name === "event") fields.type = value;
  if (name === "data") fields.data.push(value);
  if (name === "id" && !value.includes("\0")) fields.id = value;
}
