import { describe, expect, test } from "vitest";
import { sameServer, serverUrl } from "../../../src/incus/url.ts";

describe("serverUrl", () => {
  test.each([
    ["crown.lan", "https://crown.lan:8443"],
    ["https://crown.lan", "https://crown.lan:8443"],
    ["https://crown.lan/", "https://crown.lan:8443"],
    // A proxy may stand at the port that URLs leave out.
    ["https://crown.lan:443", "https://crown.lan:443"],
    ["crown:9443", "https://crown:9443"],
    ["192.168.6.2:8443", "https://192.168.6.2:8443"],
    ["[fd00::2]:8444", "https://[fd00::2]:8444"],
    ["fd00::2", "https://[fd00::2]:8443"],
  ])("%s", (text, url) => expect(serverUrl(text)).toBe(url));

  test.each([
    "",
    "http://crown.lan",
    "crown.lan/1.0",
    "https://me:secret@crown",
    "crown lan",
    "crown?x=1",
    "unix:/run/x",
  ])("%j is refused", (text) => expect(() => serverUrl(text)).toThrow("is no address of an Incus server"));
});

test("sameServer compares host and port, not the spelling", () => {
  expect(sameServer("https://Crown.lan", "https://crown.lan:8443")).toBe(true);
  expect(sameServer("https://crown.lan:443", "https://crown.lan")).toBe(false);
  expect(sameServer("", "https://crown.lan")).toBe(false);
});
