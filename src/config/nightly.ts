/** The apply by the clock. */
import type { FleetSpec } from "../authoring/definitions.ts";
import type { FlakeInput, Nightly, Notification, NotificationUrl } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { nearest } from "../util/nearest.ts";
import type { Field } from "./field.ts";

/** Whether systemd takes the calendar is for systemd to say, on the host; a line break would be another setting. */
const calendar = /^[\w\s*/.,:~+-]+$/;
const timeSpan = /^[\w\s.]+$/;

type Inputs = Readonly<Record<string, FlakeInput>> | undefined;

/** Names of hosts are checked where they are known. `inputs`: undefined where they are not known. */
export function readNightly(field: Field, { user }: FleetSpec, inputs: Inputs): Nightly {
  const keys = field
    .named("the nightly apply")
    .keys("host", "folder", "user", "at", "randomDelay", "updateInputs", "instances", "notify");
  return defined({
    host: keys.host.optional((host) => host.text("be the name of a host")),
    folder: keys.folder.textLike((path) => path.startsWith("/"), "be the absolute path of the project on that machine"),
    user:
      keys.user.optional((name) => name.textLike((text) => /^[A-Za-z_][\w.-]*$/.test(text), "be the name of a user")) ??
      user?.name ??
      "root",
    at:
      keys.at.optional((at) =>
        at.textLike((text) => calendar.test(text), 'be a time as systemd\'s OnCalendar says it, such as "03:30"'),
      ) ?? "03:30",
    randomDelay:
      keys.randomDelay.optional((span) =>
        span.textLike((text) => timeSpan.test(text), 'be a time span such as "15min"'),
      ) ?? "15min",
    updateInputs: keys.updateInputs.list((input) => readInput(input, inputs)),
    instances:
      keys.instances.optional((which) =>
        which.textLike((text) => text === "running" || text === "all", 'be "running" or "all"'),
      ) === "all"
        ? ("all" as const)
        : ("running" as const),
    notify: keys.notify.list(readNotification),
  });
}

// --- internal ---

function readInput(field: Field, inputs: Inputs): string {
  const name = field.text("be the name of an input");
  if (name === "" || inputs === undefined) return name;
  if (Object.hasOwn(inputs, name)) {
    if (inputs[name]?.kind === "path")
      field.fail(`names a folder of the project: "${name}"`, "It is always as it is on disk; leave it out");
    return name;
  }
  const near = nearest(name, Object.keys(inputs));
  field.fail(`names an input that is not there: "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`);
  return name;
}

function readNotification(field: Field): Notification {
  const keys = field.keys("webhook", "ntfy", "command");
  const given = [keys.webhook, keys.ntfy, keys.command].filter(({ isGiven }) => isGiven);
  if (given.length !== 1) field.must('have exactly one of "webhook", "ntfy" and "command"');
  if (keys.webhook.isGiven) return { kind: "webhook", url: readUrl(keys.webhook) };
  if (keys.ntfy.isGiven) return { kind: "ntfy", url: readUrl(keys.ntfy) };
  const command = keys.command.list((word) => word.text());
  if (keys.command.isGiven && command.length === 0) keys.command.must("be a command and its arguments");
  return { kind: "command", command };
}

function readUrl(field: Field): NotificationUrl {
  const isUrl = (text: string): boolean => /^https?:\/\/[^\s/]/.test(text) && URL.canParse(text);
  if (typeof field.value !== "object")
    return field.textLike(isUrl, 'be a URL, or { file: "/path" } of a file that holds it');
  const { file } = field.keys("file");
  return { file: file.textLike((path) => path.startsWith("/"), "be an absolute path") };
}
