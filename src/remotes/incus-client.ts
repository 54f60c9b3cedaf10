/**
 * The remotes of the Incus client (`incus remote list`), read from its own files and never written:
 * `config.yml`, `client.crt`, `client.key`, `servercerts/NAME.crt`, and where it has them `clientcerts/NAME.{crt,key}`.
 */
import { X509Certificate } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { TlsFiles } from "../incus/tls.ts";
import { plainFingerprint } from "../incus/tls.ts";
import { serverUrl } from "../incus/url.ts";

export interface ClientRemote {
  readonly name: string;
  readonly url: string;
  readonly tls: TlsFiles;
}

/** Only those that speak Incus over https with certificates; none where there is no Incus client, or its files cannot be read. */
export async function readClientRemotes(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<readonly ClientRemote[]> {
  const folder = environment["INCUS_CONF"] || join(environment["HOME"] || homedir(), ".config", "incus");
  const text = await readFile(join(folder, "config.yml"), "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const found = await Promise.all(
    Object.entries(await parse(text)).map(([name, remote]) => readRemote(folder, name, remote)),
  );
  return found.filter((remote) => remote !== undefined);
}

// --- internal ---

interface Written {
  readonly addr?: unknown;
  readonly auth_type?: unknown;
  readonly protocol?: unknown;
}

async function parse(text: string): Promise<Readonly<Record<string, Written>>> {
  const { parse: parseYaml } = await import("yaml");
  try {
    const { remotes } = (parseYaml(text) ?? {}) as { readonly remotes?: unknown };
    return typeof remotes === "object" && remotes !== null ? (remotes as Record<string, Written>) : {};
  } catch {
    return {};
  }
}

async function readRemote(folder: string, name: string, remote: Written): Promise<ClientRemote | undefined> {
  const { addr, auth_type = "tls", protocol = "incus" } = remote ?? {};
  if (typeof addr !== "string" || !addr.startsWith("https://") || auth_type !== "tls" || protocol !== "incus")
    return undefined;
  const pem = await readFile(join(folder, "servercerts", `${name}.crt`), "utf8").catch(() => undefined);
  if (pem === undefined) return undefined;
  const own = join(folder, "clientcerts", name);
  const stem = (await isThere(`${own}.crt`)) ? own : join(folder, "client");
  const fingerprint = fingerprintOf(pem);
  if (fingerprint === undefined || !(await isThere(`${stem}.crt`))) return undefined;
  const tls = { certificatePath: `${stem}.crt`, keyPath: `${stem}.key`, fingerprint };
  return { name, url: serverUrl(addr), tls };
}

function fingerprintOf(pem: string): string | undefined {
  try {
    return plainFingerprint(new X509Certificate(pem).fingerprint256);
  } catch {
    return undefined;
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
