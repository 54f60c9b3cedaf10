import type { ForeignImage } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { nearest } from "../util/nearest.ts";
import { type ReadText, readDocument } from "./document.ts";
import type { Field } from "./field.ts";

/** Image servers that go by a name, as in the Incus client. */
const knownServers: Readonly<Record<string, string>> = { images: "https://images.linuxcontainers.org" };

/** `"images:debian/12"`, the alias of an image that the server has, or an object that says it in full. */
export function readForeignImage(field: Field, readText: ReadText): ForeignImage {
  return typeof field.value === "string" ? readShort(field, field.value) : readLong(field, readText);
}

// --- internal ---

function readShort(field: Field, text: string): ForeignImage {
  const [, remote, name = ""] = /^(?:([^:/]+):)?(.+)$/.exec(text) ?? [];
  if (!isAlias(name)) field.must('be an image such as "images:debian/12" or the alias of one that the server has');
  if (remote === undefined) return isFingerprint(name) ? { fingerprint: name } : { alias: name };
  const server = knownServers[remote];
  if (server === undefined) {
    const suggestion = nearest(remote, Object.keys(knownServers));
    field.report(
      `Unknown image server "${remote}" of ${field.label}${suggestion === undefined ? "" : `; did you mean "${suggestion}"?`}`,
      `Say where it is: { alias: "${name}", server: "https://...", protocol: "simplestreams" }`,
    );
  }
  return defined({ alias: name, server, protocol: "simplestreams" as const });
}

function readLong(field: Field, readText: ReadText): ForeignImage {
  const keys = field.keys("alias", "fingerprint", "server", "protocol", "certificate");
  if (keys.alias.isGiven === keys.fingerprint.isGiven) field.fail('must have exactly one of "alias" and "fingerprint"');
  for (const key of ["protocol", "certificate"] as const)
    if (keys[key].isGiven && !keys.server.isGiven) keys[key].fail('needs a "server" beside it');
  const server = keys.server.optional((url) =>
    url.textLike(
      (text) => /^https:\/\/[^\s/]/.test(text) && URL.canParse(text),
      'be a URL such as "https://images.example"',
    ),
  );
  return defined({
    alias: keys.alias.optional((alias) => alias.textLike(isAlias, "be the alias of an image")),
    fingerprint: keys.fingerprint.optional((fingerprint) =>
      fingerprint.textLike(isFingerprint, "be 12 to 64 hex digits"),
    ),
    server,
    protocol: server === undefined ? undefined : readProtocol(keys.protocol),
    certificate: keys.certificate.optional((certificate) => readCertificate(certificate, readText)),
  });
}

function readProtocol(field: Field): "simplestreams" | "incus" {
  if (!field.isGiven || field.value === "simplestreams") return "simplestreams";
  if (field.value !== "incus") field.must('be "simplestreams" or "incus"');
  return "incus";
}

function readCertificate(field: Field, readText: ReadText): string {
  const text = readDocument(field, readText);
  if (text !== undefined && /^-----BEGIN CERTIFICATE-----$/m.test(text)) return text;
  field.report(
    `${field.subject} must be a certificate as PEM text, or the file of one: nix.path("./crown.crt")`,
    "The server prints its own: incus info, at environment.certificate",
  );
  return "";
}

function isAlias(name: string): boolean {
  return /^[^\s:]{1,200}$/.test(name);
}

function isFingerprint(text: string): boolean {
  return /^[0-9a-f]{12,64}$/.test(text);
}
