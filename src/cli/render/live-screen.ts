/** Draws a few lines again and again in place, without flicker, and lets other text through above them. */
import type { OutStream } from "../context.ts";

/** Synchronised output: terminals that know it show the whole frame at once, the others ignore it. */
const beginFrame = "\u001b[?2026h";
const endFrame = "\u001b[?2026l";

export class LiveScreen {
  private drawn: readonly string[] = [];
  private readonly stream: OutStream;

  constructor(stream: OutStream) {
    this.stream = stream;
  }

  get width(): number {
    // Some pseudo-terminals say 0 when nobody told them their size.
    return Math.max(20, (this.stream.columns || 80) - 1);
  }

  /** Replaces the lines that are there by others; `above` stays on the screen for good. */
  draw(lines: readonly string[], above = ""): void {
    if (above === "" && lines.length === this.drawn.length && lines.every((line, index) => line === this.drawn[index]))
      return;
    const up = this.drawn.length === 0 ? "\r" : `\u001b[${this.drawn.length}A\r`;
    const text = above === "" ? "" : `\u001b[J${above.endsWith("\n") ? above : `${above}\n`}`;
    this.stream.write(
      `${beginFrame}${up}${text}${lines.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J${endFrame}`,
    );
    this.drawn = lines;
  }

  clear(): void {
    if (this.drawn.length > 0) this.draw([]);
  }
}
