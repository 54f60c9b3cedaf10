import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const serveUnit: Verb = {
  name: "serve-unit",
  group: "The fleet",
  usage: "[--write DIR]",
  details: [
    'Prints a systemd service that runs floe serve, as serve in floe.config.ts says: serve: { folder: "/home/me/machines", user: "me" }. With serve.host, that host of the fleet gets it as a NixOS module, and this verb is not needed.',
    "The service may write the project and the user's files and nothing else, and cannot become root; not so when it runs as root, or when the fleet has this machine as a host, which is switched as root. The link that lets a browser in: floe serve --new-link, as that user.",
  ],
  examples: [
    { command: "floe serve-unit", what: "read the unit" },
    {
      command: "sudo floe serve-unit --write /etc/systemd/system",
      what: "write it, then: systemctl enable --now floe-serve",
    },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/serve-unit.ts")).serveUnit,
    parameters: {
      flags: {
        ...globalFlags,
        write: {
          kind: "parsed",
          parse: String,
          placeholder: "DIR",
          brief: "Write the file into this folder",
          optional: true,
        },
      },
      aliases: globalAliases,
      positional: { kind: "tuple", parameters: [] },
    },
    docs: { brief: "A unit that serves the dashboard" },
  }),
};
