const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What a duration may look like, for messages. */
export const durationForms = 'a number of milliseconds or text such as "500ms", "90s", "2m" or "1h"';

/** A duration in milliseconds, or undefined when it is none. A bare number counts milliseconds; a bare number in a string has no unit and is none. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(value.trim());
  const unit = unitMs[match?.[2] ?? ""];
  return unit === undefined ? undefined : Math.round(Number(match?.[1]) * unit);
}
