/** Where in the user's files something was written, taken from the stack. */
import type { SourcePosition } from "../errors.ts";
import type { CallSite } from "./definitions.ts";
import { relativeTo } from "./paths.ts";
import { registry } from "./registry.ts";

/** A stack that is only turned into text when somebody asks: most places are never shown. */
export interface Origin {
  readonly stack?: string;
}

/** The caller, with room for built-in functions in between (`JSON.stringify`, `Array.from`). More frames cost time and memory. */
const framesKept = 3;

/** The place of the call to `callee`: frames above it, and its own, are left out. */
export function captureOrigin(callee: (...args: never[]) => unknown): Origin {
  const origin: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = framesKept;
  Error.captureStackTrace(origin, callee);
  Error.stackTraceLimit = limit;
  return origin;
}

/**
 * The same for what is recorded, which mostly nobody asks about: nothing while recording goes well. When it fails it is done
 * again with places (`recording.ts`).
 */
export function captureForLater(callee: (...args: never[]) => unknown): Origin {
  return registry().isHasty ? nowhere : captureOrigin(callee);
}

const nowhere: Origin = Object.freeze({});

/** The first frame that lies in a file. */
export function originSite(origin: Origin): CallSite | undefined {
  for (const line of (origin.stack ?? "").split("\n")) {
    const found = /(?:^|[\s(])((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/.exec(line);
    if (found?.[1] !== undefined)
      return { file: plainPath(found[1]), line: Number(found[2]), column: Number(found[3]) };
  }
  return undefined;
}

/** The same place relative to the project's folder. */
export function positionOf(site: CallSite | undefined, root: string | undefined): SourcePosition | undefined {
  if (site === undefined) return undefined;
  return { ...site, file: root === undefined ? site.file : relativeTo(root, site.file) };
}

// --- internal ---

/** A module may be loaded as a URL with a query that keeps it apart from an earlier load of the same file. */
function plainPath(file: string): string {
  return file.startsWith("file://") ? decodeURIComponent(file.slice("file://".length).replace(/\?.*$/, "")) : file;
}
