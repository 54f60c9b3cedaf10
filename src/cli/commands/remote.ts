import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

export const remoteAdd: Verb = {
  name: "remote add",
  group: "Servers",
  usage: "[URL] [--token TOKEN]",
  details: [
    "Makes an Incus server on the network known to this machine, and this machine known to it. The server is known by the fingerprint of its certificate: that of the token, that of --fingerprint, or the one that you compare yourself. It is compared before anything is sent, now and at every later connection.",
    "A token is made on the server by `incus config trust add NAME`, which prints it, and it works once. With --token - it is read from standard input, so that it is not among the arguments that everybody on this machine can list. Without a token the server is remembered, and what is left to do there is said.",
    'floe\'s own key is made at the first time, in ~/.config/floe, readable by you alone. Servers that the Incus client knows (incus remote list) need not be added: floe uses its certificate for those. In a project a server is named by its address: incus: { crown: { url: "https://crown.lan:8443" } }.',
  ],
  examples: [
    { command: "floe remote add https://crown.lan:8443 --token eyJjbGll…", what: "with a token of that server" },
    {
      command: "incus config trust add floe -q | floe remote add crown.lan --token -",
      what: "the token through a pipe",
    },
    { command: "floe remote add crown.lan --fingerprint 3f9a…", what: "without a token" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/remote.ts")).remoteAdd,
    parameters: {
      flags: {
        ...globalFlags,
        token: {
          kind: "parsed",
          parse: String,
          placeholder: "TOKEN",
          brief: "What the server printed; - reads it from standard input",
          optional: true,
        },
        name: {
          kind: "parsed",
          parse: String,
          placeholder: "NAME",
          brief: "Its name in lists; default: the first part of the host's name",
          optional: true,
        },
        fingerprint: {
          kind: "parsed",
          parse: String,
          placeholder: "HEX",
          brief: "SHA-256 of the server's certificate (incus info shows it there)",
          optional: true,
        },
      },
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [
          {
            parse: String,
            placeholder: "URL",
            brief: "https://HOST:PORT; without a port it is 8443. A token knows it too",
            optional: true,
          },
        ],
      },
    },
    docs: { brief: "Make an Incus server on the network known" },
  }),
};

export const remoteList: Verb = {
  name: "remote list",
  group: "Servers",
  usage: "",
  details: [
    "Lists the Incus servers on the network that this machine can use, those that were added to floe and those of the Incus client, and asks each whether it lets us in.",
  ],
  examples: [{ command: "floe remote list", what: "the known servers and how they are" }],
  command: describeCommand({
    loader: async () => (await import("../actions/remote.ts")).remoteList,
    parameters: { flags: globalFlags, aliases: globalAliases, positional: { kind: "tuple", parameters: [] } },
    docs: { brief: "The known servers on the network" },
  }),
};

export const remoteRemove: Verb = {
  name: "remote remove",
  group: "Servers",
  usage: "NAME",
  details: [
    "Forgets a server that was added. What runs there goes on running. The server itself goes on trusting this machine's certificate until it is removed there too; the command for that is printed.",
  ],
  examples: [{ command: "floe remote remove crown", what: "forget the server crown" }],
  command: describeCommand({
    loader: async () => (await import("../actions/remote.ts")).remoteRemove,
    parameters: {
      flags: globalFlags,
      aliases: globalAliases,
      positional: {
        kind: "tuple",
        parameters: [{ parse: String, placeholder: "NAME", brief: "As floe remote list shows it" }],
      },
    },
    docs: { brief: "Forget a server" },
  }),
};
