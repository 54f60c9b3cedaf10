import { globalAliases, globalFlags } from "../flags.ts";
import { describeCommand, type Verb } from "../verb.ts";

const text = (placeholder: string, brief: string) =>
  ({ kind: "parsed", parse: String, placeholder, brief, optional: true }) as const;
const texts = (placeholder: string, brief: string) =>
  ({ kind: "parsed", parse: String, placeholder, brief, optional: true, variadic: true }) as const;
const flag = (brief: string) => ({ kind: "boolean", default: false, withNegated: false, brief }) as const;

export const serve: Verb = {
  name: "serve",
  group: "The fleet",
  usage: "[--open] [--port N]",
  details: [
    "Shows the fleet in a browser: what runs, what is out of date, plans, applies, rollbacks, logs and terminals. It listens on this machine only (127.0.0.1, port 4790 or the next that is free), and follows the project and the servers until Ctrl-C.",
    "The link that it prints lets one browser in, once; from then on that browser has a cookie, also after a restart. --new-link makes another link for the server that runs. Whoever is in may do what you may do with floe: --read-only leaves out every change.",
    "With another address (--listen) everything, terminals too, can be reached over the network: that takes --tls-cert and --tls-key, or --insecure, by which everybody on the way can read along and take over. Behind a reverse proxy: --allow-host NAME for the name people use, --base-path for a path, and --trust-proxy-user HEADER when the proxy logs people in; then every program on this machine can say it is anybody.",
    "The first Ctrl-C waits for a change that is under way, the second cancels it as in floe apply.",
  ],
  examples: [
    { command: "floe serve --open", what: "show the fleet, and open a browser" },
    { command: "floe serve --new-link", what: "a link for another browser, of the server that runs" },
    {
      command: "floe serve --read-only --base-path /floe/ --allow-host home.example.org --trust-proxy-user Remote-User",
      what: "only to look at, behind a reverse proxy",
    },
    { command: "floe serve --json --port 0", what: "for scripts: a line with the url and the link, then it serves" },
  ],
  command: describeCommand({
    loader: async () => (await import("../actions/serve.ts")).serve,
    parameters: {
      flags: {
        ...globalFlags,
        port: {
          kind: "parsed",
          parse: parsePort,
          placeholder: "N",
          brief: "Listen on this port; 0: any that is free",
          optional: true,
        },
        open: flag("Open a browser"),
        newLink: flag("Print a new link for the server that runs, and end"),
        readOnly: flag("Show everything, change nothing"),
        listen: text("ADDRESS", "Listen on another address than 127.0.0.1"),
        tlsCert: text("FILE", "The server's certificate, PEM"),
        tlsKey: text("FILE", "Its key, PEM"),
        insecure: flag("Listen on another address without TLS"),
        allowHost: texts("NAME", "A further name by which browsers reach it; may be given several times"),
        basePath: text("PATH", "Where it is below a reverse proxy, such as /floe/"),
        trustProxyUser: text("HEADER", "Who is logged in, by this header of a reverse proxy on this machine"),
        proxy: texts("ADDRESS", "The header counts from this address too; may be given several times"),
      },
      aliases: globalAliases,
      positional: { kind: "tuple", parameters: [] },
    },
    docs: { brief: "The fleet in a browser" },
  }),
};

// --- internal ---

/** @throws SyntaxError */
function parsePort(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw new SyntaxError(`"${value}" is no port`);
  return Number(value);
}
