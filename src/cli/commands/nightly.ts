import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const nightly: Verb = {
  name: "nightly",
  group: "The fleet",
  usage: "[--write DIR]",
  details: [
    'Prints a systemd service and a timer that run floe apply by the clock, as nightly in floe.config.ts says: nightly: { folder: "/home/me/machines", updateInputs: ["nixpkgs"], notify: [{ ntfy: "https://ntfy.sh/TOPIC" }] }. With nightly.host, that host of the fleet gets both as a NixOS module, and this verb is not needed.',
    'The apply changes only what runs (instances: "all" for everything), waits for health and goes back as any other. Nobody is told when nothing changed. Inputs are updated first; when nothing could be made with them, flake.lock is put back. Two never run at once.',
  ],
  examples: [
    { command: "floe nightly", what: "read the units" },
    {
      command: "sudo floe nightly --write /etc/systemd/system",
      what: "write them, then: systemctl enable --now floe-nightly.timer",
    },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/nightly.ts")).nightly,
    parameters: {
      flags: {
        ...globalFlags,
        write: {
          kind: "parsed",
          parse: String,
          placeholder: "DIR",
          brief: "Write the two files into this folder",
          optional: true,
        },
      },
      aliases: globalAliases,
      positional: { kind: "tuple", parameters: [] },
    },
    docs: { brief: "Units that apply by the clock" },
  }),
};
