import { describe, expect, test } from "vitest";
import { checkHost, checkOrigin, isLoopback, securityHeaders, wrongGuesses } from "../../../src/serve/security.ts";

const own = { port: 4790, allowed: [], address: "127.0.0.1" };
const isServed = (
  host: string | undefined,
  names: Parameters<typeof checkHost>[1] = own,
  reached = "127.0.0.1",
): boolean => {
  try {
    checkHost(host === undefined ? {} : { host }, names, reached);
    return true;
  } catch {
    return false;
  }
};

describe("checkHost()", () => {
  test.each(["127.0.0.1:4790", "localhost:4790", "LOCALHOST:4790", "[::1]:4790"])("%s is this server", (host) => {
    expect(isServed(host)).toBe(true);
  });

  test.each([
    undefined,
    "",
    "127.0.0.1",
    "127.0.0.1:80",
    "0.0.0.0:4790",
    "evil.example:4790",
    "localhost.evil.example:4790",
    "localhost:4790, evil",
  ])("%s is not", (host) => expect(isServed(host)).toBe(false));

  test("a name that was allowed, with any port or with the one it was allowed with", () => {
    const names = { ...own, allowed: ["home.example.org", "other.example.org:8443"] };
    expect(isServed("home.example.org", names)).toBe(true);
    expect(isServed("home.example.org:444", names)).toBe(true);
    expect(isServed("other.example.org:8443", names)).toBe(true);
    expect(isServed("other.example.org", names)).toBe(false);
    expect(isServed("home.example.org.", names)).toBe(false);
  });

  test("the address that was reached, where it listens on all of them", () => {
    const names = { ...own, address: "0.0.0.0" };
    expect(isServed("192.168.1.5:4790", names, "192.168.1.5")).toBe(true);
    expect(isServed("192.168.1.5:4790", names, "::ffff:192.168.1.5")).toBe(true);
    expect(isServed("192.168.1.6:4790", names, "192.168.1.5")).toBe(false);
    expect(isServed("192.168.1.5:4790", own, "192.168.1.5")).toBe(false);
    expect(isServed("[fd00::1]:4790", { ...own, address: "::" }, "fd00::1")).toBe(true);
    expect(isServed(":4790", names, "")).toBe(false);
  });
});

describe("checkOrigin()", () => {
  const host = "127.0.0.1:4790";
  const isTaken = (headers: object, isChange: boolean): boolean => {
    try {
      checkOrigin({ host, ...headers }, { isChange });
      return true;
    } catch {
      return false;
    }
  };

  test("the page itself, and programs that are no browsers", () => {
    expect(isTaken({ origin: `http://${host}`, "sec-fetch-site": "same-origin" }, true)).toBe(true);
    // TLS ends at the proxy.
    expect(isTaken({ origin: `https://${host}` }, true)).toBe(true);
    expect(isTaken({}, true)).toBe(true);
    expect(isTaken({ "sec-fetch-site": "none" }, false)).toBe(true);
  });

  test.each([
    "https://evil.example",
    "null",
    "http://127.0.0.1:4791",
    "http://127.0.0.1",
    "file://",
    "",
    `http://evil@x.${host}`,
  ])("not from %j", (origin) => {
    expect(isTaken({ origin }, true)).toBe(false);
    expect(isTaken({ origin }, false)).toBe(false);
  });

  test("not what another page had it send", () => {
    for (const site of ["cross-site", "same-site"]) {
      expect(isTaken({ "sec-fetch-site": site }, false)).toBe(false);
      expect(isTaken({ origin: `http://${host}`, "sec-fetch-site": site }, true)).toBe(false);
    }
    expect(isTaken({ "sec-fetch-site": "none" }, true)).toBe(false);
  });
});

test("a Host header cannot add to the policy", () => {
  const policy = (host: string) => securityHeaders(host)["Content-Security-Policy"] ?? "";
  expect(policy("127.0.0.1:4790")).toContain("connect-src 'self' ws://127.0.0.1:4790 wss://127.0.0.1:4790;");
  expect(policy("x; script-src *")).toContain("connect-src 'self';");
});

test("ten wrong guesses a minute, for each address", () => {
  let now = 0;
  const guesses = wrongGuesses(() => now);
  for (let count = 0; count < 10; count += 1) {
    guesses.check("a");
    guesses.note("a");
  }
  expect(() => guesses.check("a")).toThrow("Too many wrong tokens");
  guesses.check("b");
  now = 60_000;
  guesses.check("a");
});

test("isLoopback()", () => {
  expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].every(isLoopback)).toBe(true);
  expect([undefined, "", "10.0.0.1", "::ffff:10.0.0.1", "1127.0.0.1", "::11"].some(isLoopback)).toBe(false);
});
