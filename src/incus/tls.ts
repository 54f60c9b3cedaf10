/** Who we are to a server on the network, and how we know that it is the right one. */
import { readFile } from "node:fs/promises";
import tls from "node:tls";
import { IncusError, MissingError } from "../errors.ts";

/** Files of the client's certificate and key (PEM), and the SHA-256 fingerprint of the server's certificate. */
export interface TlsFiles {
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Hex, with or without colons: what `incus info` shows as `certificate_fingerprint`. */
  readonly fingerprint: string;
}

export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
  /** PEM of the server's certificate, whose fingerprint has been compared. */
  readonly serverCertificate: string;
  checkServer(host: string, certificate: tls.PeerCertificate): Error | undefined;
}

/**
 * Reads the client's files, and fetches the server's certificate and compares it before anything else is sent.
 * Incus servers sign their own certificate, so the fingerprint is all there is to trust; names are not checked.
 * @throws MissingError, IncusError
 */
export async function loadIdentity(url: URL, files: TlsFiles): Promise<TlsIdentity> {
  const [cert, key] = await Promise.all([readPem(files.certificatePath), readPem(files.keyPath)]);
  const server = await fetchCertificate(url);
  const isPinned = (certificate: { readonly fingerprint256: string }) =>
    plainFingerprint(certificate.fingerprint256) === plainFingerprint(files.fingerprint);
  if (!isPinned(server)) {
    throw new IncusError(
      `The Incus server "${url.origin}" shows another certificate than the known one: its fingerprint is ${plainFingerprint(server.fingerprint256)}`,
      {
        hint: "If the server was set up anew, remove and add it again. If not, something stands between you and the server",
      },
    );
  }
  return {
    cert,
    key,
    serverCertificate: server.pem,
    checkServer: (_host, certificate) =>
      isPinned(certificate) ? undefined : new Error("the server's certificate has changed"),
  };
}

/** Turns the system's error for a connection over the network into one that says what to do. */
export function tlsFailure(origin: string, what: string, cause: unknown): IncusError {
  return new IncusError(`Cannot ${what}: no connection to the Incus server "${origin}": ${(cause as Error).message}`, {
    hint: 'Is the server up, and does it listen there ("incus config get core.https_address" on it)?',
    cause,
  });
}

/** The certificate that a server shows. Nothing is sent to it. @throws IncusError when it does not answer within 10 s */
export function fetchCertificate(url: URL): Promise<{ readonly fingerprint256: string; readonly pem: string }> {
  return new Promise((resolve, reject) => {
    // Nothing is sent over this connection: it only shows the certificate.
    const socket = tls.connect(
      { host: url.hostname, port: Number(url.port || 443), rejectUnauthorized: false, timeout: 10_000 },
      () => {
        const { raw, fingerprint256 } = socket.getPeerCertificate();
        socket.destroy();
        resolve({
          fingerprint256,
          pem: `-----BEGIN CERTIFICATE-----\n${raw.toString("base64")}\n-----END CERTIFICATE-----\n`,
        });
      },
    );
    socket.on("timeout", () => socket.destroy(new Error("no answer within 10 s")));
    socket.on("error", (cause) => reject(tlsFailure(url.origin, "connect", cause)));
  });
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new MissingError(`Cannot read the client certificate's file "${file}": ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Hex digits, small and without colons. */
export function plainFingerprint(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
