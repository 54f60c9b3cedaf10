import { globalAliases, globalFlags } from "../flags.ts";
import { instanceNames, parseTime } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

const halting = {
  force: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "End it at once, without asking it to stop",
  },
  timeout: {
    kind: "parsed",
    parse: parseTime,
    placeholder: "TIME",
    brief: "How long a clean stop may take (90s, 2m); default: boot.shutdownTimeout of the instance, else 30s",
    optional: true,
  },
} as const;

const waits = "What is started is waited for until its health checks pass; with --json the result is the last line.";

export const start: Verb = {
  name: "start",
  group: "The fleet",
  usage: "NAME...",
  details: [`Starts instances that are stopped, each after those it depends on. ${waits}`],
  examples: [
    { command: "floe start web-1", what: "start it and wait for its health" },
    { command: "floe start --yes '@media'", what: "everything with a tag" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/power.ts")).start,
    parameters: { flags: globalFlags, aliases: globalAliases, positional: instanceNames },
    docs: { brief: "Start instances and wait for their health" },
  }),
};

export const stop: Verb = {
  name: "stop",
  group: "The fleet",
  usage: "NAME...",
  details: [
    "Asks instances to stop, each after those that depend on it. One that does not stop in its time is left running, and that is an error. The next apply starts an instance with autostart again.",
  ],
  examples: [
    { command: "floe stop web-1", what: "a clean stop" },
    { command: "floe stop web-1 --timeout 5m", what: "with more patience" },
    { command: "floe stop --force 'web-*'", what: "at once" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/power.ts")).stop,
    parameters: { flags: { ...globalFlags, ...halting }, aliases: globalAliases, positional: instanceNames },
    docs: { brief: "Stop instances" },
  }),
};

export const restart: Verb = {
  name: "restart",
  group: "The fleet",
  usage: "NAME...",
  details: [
    `Restarts instances, and starts those that are stopped: each after those it depends on, those of one image as its rollout says, until the first that does not become healthy. ${waits}`,
  ],
  examples: [
    { command: "floe restart web-1", what: "stop, start, wait for its health" },
    { command: "floe restart container:web", what: "every instance of an image, one after the other" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/power.ts")).restart,
    parameters: { flags: { ...globalFlags, ...halting }, aliases: globalAliases, positional: instanceNames },
    docs: { brief: "Restart instances and wait for their health" },
  }),
};
