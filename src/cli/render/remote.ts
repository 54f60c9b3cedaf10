import type { AddedRemote, KnownRemote } from "../../pipeline.ts";
import type { Colors } from "./style.ts";
import { alignColumns } from "./table.ts";

interface Options {
  readonly colors: Colors;
}

/** `pem` is our own certificate, to be copied to a server that does not trust it yet. */
export function renderAdded({ remote, isTrusted, wasKnown }: AddedRemote, pem: string, { colors }: Options): string {
  const head = `${colors.green("✓")} ${colors.bold(remote.name)} at ${remote.url} is known${wasKnown ? " as before" : ""}`;
  if (isTrusted)
    return `${head}, and lets this machine in\n\nIn a project:  ${colors.cyan(`incus: { ${keyOf(remote.name)}: { url: "${remote.url}" } }`)}\n`;
  return [
    `${head}, but does not let this machine in yet. On the server, one of:`,
    "",
    `  ${colors.cyan("incus config trust add floe")}   ${colors.dim("prints a token for: floe remote add --token TOKEN")}`,
    `  ${colors.cyan("incus config trust add-certificate floe.crt")}   ${colors.dim("with this in the file:")}`,
    "",
    pem,
  ].join("\n");
}

export function renderRemotes(remotes: readonly KnownRemote[], { colors }: Options): string {
  if (remotes.length === 0)
    return `No server on the network is known. ${colors.dim("floe remote add URL --token TOKEN")} adds one\n`;
  const state = {
    trusted: colors.green("lets us in"),
    untrusted: colors.yellow("does not trust this machine"),
    unreachable: colors.red("no answer"),
  };
  const rows = alignColumns([
    ["name", "address", "fingerprint", "known by", "state"].map((title) => colors.dim(title)),
    ...remotes.map((remote) => [
      colors.bold(remote.name),
      remote.url,
      remote.fingerprint.slice(0, 12),
      remote.from,
      `${state[remote.state]}${remote.version === undefined ? "" : colors.dim(`, Incus ${remote.version}`)}`,
    ]),
  ]);
  const troubles = remotes.flatMap(({ name, message }) => (message === undefined ? [] : [`${name}: ${message}`]));
  return `${[...rows, ...(troubles.length > 0 ? ["", ...troubles] : [])].join("\n")}\n`;
}

export function renderRemoved(
  { name, url }: { readonly name: string; readonly url: string },
  ours: string | undefined,
  { colors }: Options,
): string {
  const lines = [`${colors.green("✓")} ${colors.bold(name)} (${url}) is forgotten`];
  if (ours !== undefined)
    lines.push(
      `The server still trusts this machine. There: ${colors.cyan(`incus config trust remove ${ours.slice(0, 12)}`)}`,
    );
  return `${lines.join("\n")}\n`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
