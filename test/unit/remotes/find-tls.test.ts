import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findTls } from "../../../src/remotes/find-tls.ts";
import { ensureIdentity } from "../../../src/remotes/identity.ts";
import { readRemotes, writeRemotes } from "../../../src/remotes/store.ts";

let home: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "floe-remotes-"));
  env = { HOME: home };
});
afterEach(() => rmSync(home, { recursive: true }));

const crown = { name: "crown", kind: "https", url: "https://crown.lan:8443" } as const;
const pin = "ab".repeat(32);

test("a server that nobody added says how to add it", async () => {
  await expect(findTls(crown, env)).rejects.toMatchObject({
    code: "MISSING",
    hint: expect.stringContaining("floe remote add https://crown.lan:8443 --token TOKEN"),
  });
});

test("an added server is found by its address, and the fleet's own fingerprint counts more", async () => {
  await writeRemotes([{ name: "far", url: "https://crown.lan:8443", fingerprint: pin }], env);
  const other = "cd".repeat(32);
  expect((await findTls({ ...crown, url: "https://CROWN.lan" }, env)).fingerprint).toBe(pin);
  expect((await findTls({ ...crown, fingerprint: other }, env)).fingerprint).toBe(other);
});

test("the identity is made once: a key for its owner alone, and a certificate that fits it", async () => {
  const first = await ensureIdentity(env);
  expect(statSync(first.keyPath).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, ".config/floe")).mode & 0o777).toBe(0o700);
  const certificate = new X509Certificate(readFileSync(first.certificatePath));
  const { createPrivateKey } = await import("node:crypto");
  expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(first.keyPath)))).toBe(true);
  const before = readFileSync(first.certificatePath, "utf8");
  await ensureIdentity(env);
  expect(readFileSync(first.certificatePath, "utf8")).toBe(before);
  rmSync(first.keyPath);
  await expect(ensureIdentity(env)).rejects.toThrow("only one half is there");
});

test("the Incus client's remotes are read; those without certificates are not", async () => {
  const { certificatePath, keyPath } = await ensureIdentity(env);
  const client = join(home, ".config/incus");
  mkdirSync(join(client, "servercerts"), { recursive: true });
  for (const [from, to] of [
    [certificatePath, "client.crt"],
    [keyPath, "client.key"],
    [certificatePath, "servercerts/crown.crt"],
  ] as const)
    writeFileSync(join(client, to), readFileSync(from));
  writeFileSync(
    join(client, "config.yml"),
    `default-remote: local
remotes:
  crown: { addr: "https://crown.lan:8443", auth_type: tls, project: default, protocol: incus, public: false }
  images: { addr: "https://images.linuxcontainers.org", protocol: simplestreams, public: true }
  local: { addr: "unix://", public: false }
`,
  );
  const expected = new X509Certificate(readFileSync(certificatePath)).fingerprint256.replaceAll(":", "").toLowerCase();
  expect(await findTls(crown, env)).toEqual({
    certificatePath: join(client, "client.crt"),
    keyPath: join(client, "client.key"),
    fingerprint: expected,
  });
});

test("a list that cannot be read is said, not forgotten", async () => {
  await writeRemotes([], env);
  writeFileSync(join(home, ".config/floe/remotes.json"), "{");
  await expect(readRemotes(env)).rejects.toThrow("Cannot read the known servers");
});
