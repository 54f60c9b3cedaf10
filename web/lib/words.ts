/** Words and numbers for people, as the terminal has them where it has them too. */
export { age, bytes, counted, duration, listed, roughly, shortStorePath } from "../../src/cli/render/words.ts";

/** `12 s`, `4 min`, `3 h`, `12 days`: how long something runs already. */
export function uptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** Of one processor: `0 %`, `0.4 %`, `12 %`, `230 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : Math.round(value)} %`;
}

/** `23 Nov 2026, 14:05`. */
export function dateTime(at: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }).format(at);
}
