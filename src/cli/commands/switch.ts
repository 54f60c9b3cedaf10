import { globalAliases, globalFlags } from "../flags.ts";
import { hostFlags } from "../host-flags.ts";
import { hostSelectors } from "../parameters.ts";
import { describeCommand, type Verb } from "../verb.ts";

const group = "Hosts";
const usage = "[SELECTOR...]";

/** What holds for each of these verbs. */
const common = [
  "Without a selector this machine is meant: the host that has its name. Others are reached over SSH, or through Incus, as their target says.",
  "Everything is evaluated and built first, then what would change on each machine is shown, and there is one question. Passwords are asked before anything starts, once a machine.",
] as const;

export const switchHosts: Verb = {
  name: "switch",
  group,
  usage,
  details: [
    ...common,
    "The switch runs on the machine by itself, whatever becomes of the connection. A machine that floe cannot reach afterwards, whose checks fail or whose units fail that did not before, goes back to what it ran.",
    "Hosts go at the same time unless one depends on another (dependsOn) or the fleet says how (rollout). After the first failure nothing more is begun; --keep-going goes on, --revert-all takes those that are done back too.",
    "A home of home-manager is named USER@HOST or home:NAME. It is activated as its user, without root, and goes back to the generation before when that fails; files in its way are refused unless --backup renames them.",
    "Exits with 1 when nothing was changed, 4 when a host went back, 5 when one could not.",
  ],
  examples: [
    { command: "floe switch", what: "this machine" },
    { command: "floe switch crown web-host", what: "two hosts" },
    { command: "floe switch @server --canary --yes", what: "all with the tag, the first one alone, no question" },
    { command: "floe switch crown --build-on target", what: "built on crown itself" },
    { command: "floe switch me@laptop", what: "a home of home-manager, as that user; or home:NAME" },
    { command: "floe switch crown --store-path ./result", what: "what was built elsewhere, without evaluating" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/switch-any.ts")).switchHosts,
    parameters: { flags: { ...globalFlags, ...hostFlags }, aliases: globalAliases, positional: hostSelectors },
    docs: { brief: "Switch this machine or other hosts to what the project describes" },
  }),
};

export const bootHosts: Verb = {
  name: "boot",
  group,
  usage,
  details: [
    ...common,
    "The new system is the one that the next boot starts; what runs stays as it is. --reboot boots it.",
  ],
  examples: [
    { command: "floe boot crown", what: "for the next boot" },
    { command: "floe boot crown --reboot", what: "and boot it now, wait for it, and look whether it works" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/switch-any.ts")).bootHosts,
    parameters: { flags: { ...globalFlags, ...hostFlags }, aliases: globalAliases, positional: hostSelectors },
    docs: { brief: "Make the new system the one that boots next" },
  }),
};

export const testHosts: Verb = {
  name: "test",
  group,
  usage,
  details: [
    ...common,
    "As switch, but the new system gets no generation and the next boot brings the old one. It goes back in the same cases.",
  ],
  examples: [{ command: "floe test crown", what: "until the next boot" }],
  command: describeCommand({
    loader: async () => (await import("../actions/switch-any.ts")).testHosts,
    parameters: { flags: { ...globalFlags, ...hostFlags }, aliases: globalAliases, positional: hostSelectors },
    docs: { brief: "Switch until the next boot" },
  }),
};

export const dryActivate: Verb = {
  name: "dry-activate",
  group,
  usage,
  details: [
    ...common,
    "The new system is brought to the machine, which says what a switch would stop, restart and start. Nothing of it is activated.",
  ],
  examples: [{ command: "floe dry-activate crown", what: "what a switch would do there" }],
  command: describeCommand({
    loader: async () => (await import("../actions/switch-any.ts")).dryActivate,
    parameters: { flags: { ...globalFlags, ...hostFlags }, aliases: globalAliases, positional: hostSelectors },
    docs: { brief: "Show what a switch would do" },
  }),
};
