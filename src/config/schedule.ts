/** When things happen to an instance by themselves: at the server's boot and shutdown, and by the clock. */
import type { Boot, SnapshotSchedule } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { parseDuration } from "../util/duration.ts";
import type { Field } from "./field.ts";

/** Incus counts whole seconds. */
export function readBoot(field: Field): Boot {
  const keys = field.keys("priority", "delay", "shutdownTimeout");
  return defined({
    priority: keys.priority.optional((priority) => priority.integer(0, 1_000_000)),
    delay: keys.delay.optional(readSeconds),
    shutdownTimeout: keys.shutdownTimeout.optional(readSeconds),
  });
}

/** The schedule alone, or with how long snapshots are kept and what they are called. */
export function readSnapshots(field: Field): SnapshotSchedule {
  if (typeof field.value === "string") return { schedule: readSchedule(field) };
  const keys = field.keys("schedule", "expiry", "pattern");
  return defined({
    schedule: readSchedule(keys.schedule),
    expiry: keys.expiry.optional((expiry) =>
      expiry.textLike(isSpan, 'be a span such as "12H", "7d", "2w", "3m" or "1y" (m is months, M is minutes)'),
    ),
    pattern: keys.pattern.optional((pattern) =>
      pattern.textLike((text) => text.trim() !== "", 'be a name such as "auto-%d"'),
    ),
  });
}

// --- internal ---

function readSeconds(field: Field): number {
  const ms = parseDuration(field.value);
  if (ms !== undefined && ms % 1000 === 0) return ms / 1000;
  field.must('be whole seconds such as "30s" or "2m"');
  return 0;
}

const aliases = /^@(?:startup|never|hourly|daily|midnight|weekly|monthly|annually|yearly)$/;

/** Five fields of cron, or one of Incus' words; several of either, separated by commas and blanks. */
function readSchedule(field: Field): string {
  const isSchedule = (text: string): boolean =>
    text.split(/,\s+/).every((part) => aliases.test(part)) ||
    (/^[\d*/,\s\-A-Za-z?]+$/.test(text) && text.trim().split(/\s+/).length === 5);
  return field.textLike(
    isSchedule,
    'be five fields of cron such as "0 3 * * *", or "@hourly", "@daily", "@weekly", "@monthly"',
  );
}

/** As Incus reads it: minutes, hours, days, weeks, months, years. */
function isSpan(text: string): boolean {
  return /^\d+[SMHdwmy](?:\s+\d+[SMHdwmy])*$/.test(text);
}
