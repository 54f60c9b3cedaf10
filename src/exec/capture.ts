/** Keeps the last `limit` bytes of a stream, in whole chunks while they fit. */
export interface Capture {
  push(chunk: Buffer): void;
  text(): string;
  /** True when earlier bytes were dropped. */
  readonly truncated: boolean;
}

export function captureTail(limit: number): Capture {
  let chunks: Buffer[] = [];
  let size = 0;
  let truncated = false;
  const shrink = () => {
    const whole = Buffer.concat(chunks);
    const tail = whole.subarray(Math.max(0, whole.length - limit));
    truncated = truncated || tail.length < whole.length;
    chunks = [tail];
    size = tail.length;
  };
  return {
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      // Twice the limit before cutting: joining on every chunk would cost the square of the output.
      if (size > 2 * limit) shrink();
    },
    text() {
      shrink();
      return (chunks[0] as Buffer).toString("utf8");
    },
    get truncated() {
      return truncated || size > limit;
    },
  };
}
