/** Tells somebody: a webhook, ntfy, or a command. */
import { readFile } from "node:fs/promises";
import { FloeError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Notification, NotificationUrl } from "../model/fleet.ts";
import { within } from "../util/pause.ts";
import type { Summary } from "./summary.ts";

const timeoutMs = 20_000;

/** One after the other; a failure does not keep the others from being told. Answers what went wrong, for people. */
export async function notifyAll(
  notifications: readonly Notification[],
  summary: Summary,
  signal: AbortSignal,
): Promise<string[]> {
  const failures: string[] = [];
  for (const notification of notifications) {
    try {
      await notify(notification, summary, signal);
    } catch (error) {
      failures.push(`The ${notification.kind} could not be told: ${reason(error)}`);
    }
  }
  return failures;
}

// --- internal ---

async function notify(notification: Notification, summary: Summary, signal: AbortSignal): Promise<void> {
  const { subject, text, fleet, isFailure } = summary;
  switch (notification.kind) {
    case "webhook":
      return post(
        await readUrl(notification.url),
        { "content-type": "application/json" },
        JSON.stringify({ version: 1, fleet, subject, text, isFailure }),
        signal,
      );
    case "ntfy":
      return post(
        await readUrl(notification.url),
        // Header values of HTTP are Latin-1; ntfy decodes this form: https://docs.ntfy.sh/publish/#message-title
        {
          title: encodeWord(subject),
          priority: isFailure ? "high" : "default",
          tags: isFailure ? "warning" : "package",
        },
        text,
        signal,
      );
    case "command": {
      const [program = "", ...words] = notification.command;
      const options = { stdin: { text: `${subject}\n\n${text}` }, env: { FLOE_SUBJECT: subject }, timeoutMs, signal };
      const { exitCode, stderr } = await run([program, ...words], options);
      if (exitCode !== 0) throw new FloeError(`"${program}" ended with ${exitCode}: ${stderr.trim()}`);
    }
  }
}

async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const response = await within(timeoutMs, signal, (limit) =>
    fetch(url, { method: "POST", headers, body, signal: limit }),
  );
  if (!response.ok) throw new FloeError(`"${new URL(url).host}" answered ${response.status}`);
}

/** @throws FloeError when its file cannot be read or holds none; the URL itself is never shown */
async function readUrl(url: NotificationUrl): Promise<string> {
  if (typeof url === "string") return url;
  const text = (await readFile(url.file, "utf8")).trim();
  if (!URL.canParse(text)) throw new FloeError(`"${url.file}" holds no URL`);
  return text;
}

function encodeWord(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
