import { expect, test } from "vitest";
import { readToken } from "../../../src/remotes/token.ts";

const now = new Date("2026-03-01T12:00:00Z");
const token = (changes: object) =>
  Buffer.from(
    JSON.stringify({
      client_name: "floe",
      fingerprint: "AB".repeat(32),
      addresses: ["192.168.6.2:8443", "[fd00::2]:8443"],
      secret: "s",
      expires_at: "0001-01-01T00:00:00Z",
      ...changes,
    }),
  ).toString("base64");

test("a token says where the server is and how it is known", () => {
  expect(readToken(`${token({})}\n`, now)).toEqual({
    clientName: "floe",
    fingerprint: "ab".repeat(32),
    addresses: ["192.168.6.2:8443", "[fd00::2]:8443"],
    text: token({}),
  });
});

test("an expired token is refused here already, with the way to a new one", () => {
  expect(readToken(token({ expires_at: "2026-03-01T12:00:01Z" }), now).clientName).toBe("floe");
  expect(() => readToken(token({ expires_at: "2026-03-01T11:59:00Z" }), now)).toThrow(
    "The token expired on 2026-03-01 11:59 UTC",
  );
});

test.each(["", "nonsense", "bnVsbA==", token({ fingerprint: "short" })])("%j is none", (text) => {
  expect(() => readToken(text, now)).toThrow("This is no token of an Incus server");
});
