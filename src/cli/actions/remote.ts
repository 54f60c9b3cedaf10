import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { text as readText } from "node:stream/consumers";
import { UsageError } from "../../errors.ts";
import { type KnownRemote, remotes } from "../../pipeline.ts";
import { canAsk, confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { writeResult } from "../output.ts";
import { renderAdded, renderRemotes, renderRemoved } from "../render/remote.ts";

export interface RemoteAddFlags extends GlobalFlags {
  readonly token?: string;
  readonly name?: string;
  readonly fingerprint?: string;
}

export async function remoteAdd(this: Cli, flags: RemoteAddFlags, url?: string): Promise<void> {
  const { name, fingerprint } = flags;
  const token = flags.token === "-" ? await lastLine(this) : flags.token;
  const added = await (await remotes()).addRemote({
    url,
    name,
    token,
    fingerprint,
    environment: this.env,
    signal: this.signal,
    isRightCertificate: (address, found) => compare(this, flags, address, found),
  });
  const pem = await readFile(added.certificatePath, "utf8");
  writeResult(this, flags, "remote-add", { ...added }, (options) => renderAdded(added, pem, options));
  // Half done: the server still has to be told.
  if (!added.isTrusted) this.exitCode = 1;
}

export async function remoteList(this: Cli, flags: GlobalFlags): Promise<void> {
  const known: readonly KnownRemote[] = await (await remotes()).listRemotes(this.signal, this.env);
  writeResult(this, flags, "remote-list", { remotes: known }, (options) => renderRemotes(known, options));
}

export async function remoteRemove(this: Cli, flags: GlobalFlags, name: string): Promise<void> {
  const { identityFiles, removeRemote } = await remotes();
  const removed = await removeRemote(name, this.env);
  const pem = await readFile(identityFiles(this.env).certificatePath, "utf8").catch(() => undefined);
  const ours = pem && new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
  writeResult(this, flags, "remote-remove", { removed }, (options) => renderRemoved(removed, ours, options));
}

// --- internal ---

/** `--yes` is no answer here: it says that nothing is asked, not that any server is the right one. */
async function compare(cli: Cli, flags: GlobalFlags, url: string, fingerprint: string): Promise<boolean> {
  if (!canAsk(cli) || flags.json)
    throw new UsageError(`Nothing says that the server at ${url} is the right one`, {
      hint: `Give --token, or, if its certificate is right, --fingerprint ${fingerprint}`,
    });
  cli.process.stderr.write(
    `The server at ${url} shows a certificate with the fingerprint\n  ${fingerprint}\n"incus info | grep certificate_fingerprint" on the server must show the same.\n`,
  );
  return confirm(cli, { ...flags, yes: false }, "Is it the same?");
}

/** `incus config trust add` prints a sentence before the token. */
async function lastLine({ stdin }: Cli): Promise<string> {
  const lines = (await readText(stdin)).trim().split("\n");
  return lines.at(-1)?.trim() ?? "";
}
