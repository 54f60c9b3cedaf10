import { StringDecoder } from "node:string_decoder";

/** A line longer than this many characters is handed on in pieces, so that a program that never ends a line cannot fill the memory. */
const LONGEST_LINE = 256 * 1024;

export interface LineSplitter {
  push(chunk: Uint8Array): void;
  /** Hands on what is left when the stream ended without a newline. */
  end(): void;
}

/** Cuts a byte stream into lines without their ends (`\n` or `\r\n`). A character whose bytes arrive in two chunks stays whole. */
export function splitLines(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const feed = (text: string) => {
    rest += text;
    let start = 0;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n", start)) {
      onLine(rest.slice(start, end).replace(/\r$/, ""));
      start = end + 1;
    }
    rest = rest.slice(start);
    for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) onLine(rest.slice(0, LONGEST_LINE));
  };
  return {
    push: (chunk) => feed(decoder.write(chunk as Buffer)),
    end: () => {
      feed(decoder.end());
      if (rest !== "") onLine(rest.replace(/\r$/, ""));
      rest = "";
    },
  };
}
