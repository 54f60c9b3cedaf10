/** Small words that several renderers share. */
import { stripAnsi } from "../../util/ansi.ts";

/** `850 ms`, `3.2 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** An estimate: `less than 1 s`, `about 3 s`, `about 2 min`. */
export function roughly(ms: number): string {
  if (ms < 750) return "less than 1 s";
  return ms < 90_000 ? `about ${Math.round(ms / 1000)} s` : `about ${Math.round(ms / 60_000)} min`;
}

/** How long ago, roughly: `just now`, `5 min ago`, `3 h ago`, `12 days ago`. */
export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** `512 B`, `3.4 kB`, `210 MB`, `1.2 GB`; powers of ten. */
export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `1 file`, `2 files`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[], last: "and" | "or" = "and"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}

/**
 * `/nix/store/HASH-name` → `name (first 7 of HASH)`, `image:FINGERPRINT` → its first 12 digits, as `image list` has them: enough to
 * tell two apart.
 */
export function shortStorePath(path: string): string {
  const match = /^\/nix\/store\/([0-9a-z]{32})-(.+)$/.exec(path);
  if (match !== null) return `${match[2]} (${match[1]?.slice(0, 7)})`;
  return path.replace(/^image:([0-9a-f]{12})[0-9a-f]{52}$/, "$1");
}

/** A line of somebody else's output may hold anything; what would move the cursor is dropped. */
export function printable(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is dropped
  return stripAnsi(line).replace(/[\u0000-\u001f\u007f]/g, " ");
}
