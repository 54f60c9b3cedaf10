/** A stream that keeps what is written to it. */
import { Writable } from "node:stream";

export class Sink extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
    this.emit("kept");
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }

  /** Resolves when the text has come. */
  async until(text: string): Promise<void> {
    while (!this.text().includes(text)) await new Promise((resolve) => this.once("kept", resolve));
  }
}
