/** Output of a program as lines of a stream, as fast as the browser takes them and no longer than they may be. */
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { LogLine } from "../protocol.ts";
import type { EventsOut } from "../router.ts";

/** Characters of a line that are sent; what is longer ends in an ellipsis. */
export const lineLimit = 4096;

/** Bytes that wait in front of it before the program has to wait. */
const highWaterMark = 64 * 1024;

/** Each line an event `line`. What has no line break at the end is sent when it is ended. */
export function lineWriter({ send, drained }: Pick<EventsOut, "send" | "drained">): Writable {
  const decoder = new StringDecoder("utf8");
  const cutter = new LineCutter();
  const tell = async (lines: readonly string[]): Promise<void> => {
    for (const text of lines) if (!send("line", { text } satisfies LogLine)) await drained();
  };
  return new Writable({
    highWaterMark,
    write(chunk: Buffer, _encoding, done) {
      tell(cutter.add(decoder.write(chunk))).then(() => done(), done);
    },
    final(done) {
      tell(cutter.end()).then(() => done(), done);
    },
  });
}

/** Text in pieces, as lines. Of a line that never ends it keeps no more than the limit. */
export class LineCutter {
  #open = "";
  #isCut = false;

  add(text: string): string[] {
    const [first = "", ...rest] = text.split("\n");
    this.#extend(first);
    const lines: string[] = [];
    for (const next of rest) {
      lines.push(this.#take());
      this.#extend(next);
    }
    return lines;
  }

  /** The line that is not ended yet, if there is one. */
  end(): string[] {
    return this.#open === "" && !this.#isCut ? [] : [this.#take()];
  }

  #extend(text: string): void {
    const line = this.#open + text.slice(0, lineLimit + 1);
    this.#isCut ||= line.replace(/\r$/, "").length > lineLimit || text.length > lineLimit + 1;
    this.#open = line.slice(0, lineLimit + 1);
  }

  #take(): string {
    const line = this.#isCut ? `${this.#open.slice(0, lineLimit)}…` : this.#open.replace(/\r+$/, "");
    this.#open = "";
    this.#isCut = false;
    return line;
  }
}
