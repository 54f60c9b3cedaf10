/** Where the store has, or would have, a source that is locked by its hash. */
import { createHash } from "node:crypto";

/** Nix's digits: those that are easily read as another are not among them. */
const DIGITS = "0123456789abcdfghijklmnpqrsvwxyz";
const HASH_BYTES = 20;

/** The path that nix gives to an input of a flake; undefined for a hash of another kind than `sha256-...`. */
export function sourcePath(narHash: string): string | undefined {
  const [, base64] = /^sha256-([A-Za-z0-9+/]{43}=)$/.exec(narHash) ?? [];
  if (base64 === undefined) return undefined;
  const content = Buffer.from(base64, "base64").toString("hex");
  const whole = createHash("sha256").update(`source:sha256:${content}:/nix/store:source`).digest();
  return `/nix/store/${base32(folded(whole))}-source`;
}

// --- internal ---

/** As many bytes as the name of a store path has: the others are laid over them. */
function folded(hash: Uint8Array): Uint8Array {
  const short = new Uint8Array(HASH_BYTES);
  for (const [index, byte] of hash.entries()) short[index % HASH_BYTES] = (short[index % HASH_BYTES] ?? 0) ^ byte;
  return short;
}

/** Five bits a digit, the last ones first. */
function base32(bytes: Uint8Array): string {
  let value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = "";
  for (let digit = 0; digit < (bytes.length * 8) / 5; digit += 1) {
    text = `${DIGITS[Number(value & 31n)]}${text}`;
    value >>= 5n;
  }
  return text;
}
