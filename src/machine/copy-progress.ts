import { ACTIVITY, type ActivityId, decodeNixLog, LEVEL, RESULT } from "../nix/internal-json.ts";
import { stripAnsi } from "../util/ansi.ts";

export interface CopyLog {
  /** One line of stderr of `nix copy`. */
  readonly onLine: (line: string) => void;
  /** Its errors; where it named none, all that it printed. */
  readonly errors: () => string;
  /** Bytes of NARs that went on their way. */
  readonly done: () => number;
}

/** Adds up the bytes of all paths. `sizeOf` counts a path whole at its end for a nix that says nothing in between (2.8). */
export function followCopy(sizeOf: (path: string) => number, onBytes: (done: number) => void): CopyLog {
  const copying = new Map<ActivityId, { readonly path: string; bytes: number }>();
  const errors: string[] = [];
  const other: string[] = [];
  let done = 0;
  const reach = (id: ActivityId, bytes: (path: string) => number) => {
    const copy = copying.get(id);
    if (copy === undefined) return;
    const now = bytes(copy.path);
    if (now <= copy.bytes) return;
    done += now - copy.bytes;
    copy.bytes = now;
    onBytes(done);
  };
  return {
    done: () => done,
    errors: () => stripAnsi((errors.length > 0 ? errors : other).join("\n")).trim(),
    onLine(line) {
      const event = decodeNixLog(line);
      if (event === undefined) other.push(line);
      else if (event.kind === "message" && event.level === LEVEL.error) errors.push(event.text);
      else if (event.kind === "start" && event.activity === ACTIVITY.copyPath)
        copying.set(event.id, { path: String(event.fields[0]), bytes: 0 });
      else if (event.kind === "result" && event.result === RESULT.progress)
        reach(event.id, () => Number(event.fields[0] ?? 0));
      else if (event.kind === "stop") reach(event.id, sizeOf);
    },
  };
}
