/** Who floe is to servers on the network: one certificate a person, made when it is first needed. */
import { webcrypto } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { StateError } from "../errors.ts";
import { configFolder } from "./folder.ts";

export interface Identity {
  readonly certificatePath: string;
  readonly keyPath: string;
}

const years = 10;

export function identityFiles(environment?: NodeJS.ProcessEnv): Identity {
  const folder = configFolder(environment);
  return { certificatePath: join(folder, "client.crt"), keyPath: join(folder, "client.key") };
}

/**
 * The identity, made where there is none: an ECDSA P-384 key, readable by nobody else, and a certificate that it signs itself.
 * @throws StateError when the files cannot be written, or one of the two is missing
 */
export async function ensureIdentity(environment?: NodeJS.ProcessEnv): Promise<Identity> {
  const files = identityFiles(environment);
  const [hasCertificate, hasKey] = await Promise.all([exists(files.certificatePath), exists(files.keyPath)]);
  if (hasCertificate && hasKey) return files;
  if (hasCertificate !== hasKey)
    throw new StateError(
      `Of floe's own certificate only one half is there: "${files.certificatePath}" and its key belong together`,
      {
        hint: "Put the other one back from a backup, or delete this one and add the servers again",
      },
    );
  try {
    await mkdir(configFolder(environment), { recursive: true, mode: 0o700 });
    const { certificate, key } = await makeCertificate();
    // The key first: a certificate without one is what the check above complains of.
    await writeWhole(files.keyPath, key, 0o600);
    await writeWhole(files.certificatePath, certificate, 0o644);
  } catch (cause) {
    throw new StateError(`Cannot write floe's own certificate: ${(cause as Error).message}`, { cause });
  }
  return files;
}

// --- internal ---

async function makeCertificate(): Promise<{ readonly certificate: string; readonly key: string }> {
  // Its decorators need this to be there first.
  await import("reflect-metadata");
  const { PemConverter, X509CertificateGenerator, cryptoProvider } = await import("@peculiar/x509");
  cryptoProvider.set(webcrypto as never);
  const algorithm = { name: "ECDSA", namedCurve: "P-384" } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const begin = new Date();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`${userName()}@${hostname()}`] }, { O: ["floe"] }],
    notBefore: begin,
    notAfter: new Date(Date.UTC(begin.getUTCFullYear() + years, begin.getUTCMonth(), 1)),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-384" },
    keys,
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificate: `${certificate.toString("pem")}\n`, key: `${PemConverter.encode(key, "PRIVATE KEY")}\n` };
}

/** An account without a name is still somebody. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "floe";
  }
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const half = `${file}.${process.pid}.tmp`;
  await writeFile(half, text, { mode, flush: true });
  await chmod(half, mode);
  await rename(half, file);
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw new StateError(`Cannot read "${file}": ${error.message}`, { cause: error });
    },
  );
}
