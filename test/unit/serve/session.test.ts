import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLinkToken, redeemLinkToken } from "../../../src/serve/link.ts";
import { openSessions } from "../../../src/serve/session.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "floe-serve-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const day = 86_400_000;

test("a token lets one in, on its port; neither it nor a part of it is on the disk", () => {
  const token = makeLinkToken(root, 1);
  const file = path.join(root, ".floe/serve/1.link");
  expect(readFileSync(file, "utf8")).not.toContain(token.slice(0, 8));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(redeemLinkToken(root, 2, token)).toBe(false);
  expect(redeemLinkToken(root, 1, "")).toBe(false);
  expect(redeemLinkToken(root, 1, token)).toBe(true);
  expect(redeemLinkToken(root, 1, token)).toBe(false);
});

test("a session is known by its cookie, also after a restart, until nobody used it for a month", () => {
  let now = 0;
  const cookie = openSessions(root, 1, () => now).begin("me");
  const again = openSessions(root, 1, () => now);
  const visitor = again.find(cookie);
  expect(visitor?.user).toBe("me");
  expect(again.find(`${cookie}x`)).toBeUndefined();
  expect(readFileSync(path.join(root, ".floe/serve/1.sessions"), "utf8")).not.toContain(cookie);
  now = 20 * day;
  expect(openSessions(root, 1, () => now).find(cookie)?.csrf).toBe(visitor?.csrf);
  now = 45 * day;
  expect(openSessions(root, 1, () => now).find(cookie)).toBeDefined();
  now = 90 * day;
  expect(openSessions(root, 1, () => now).find(cookie)).toBeUndefined();
});

test("each session has a CSRF token of its own, and so has each user of a proxy", () => {
  const sessions = openSessions(root, 1);
  const tokens = [sessions.begin("me"), sessions.begin("me")].map((cookie) => sessions.find(cookie)?.csrf);
  const users = ["alice", "bob"].map((user) => sessions.ofProxy(user).csrf);
  expect(new Set([...tokens, ...users]).size).toBe(4);
});

test("many sessions: those used longest ago go", () => {
  let now = 0;
  const sessions = openSessions(root, 1, () => now);
  const cookies = Array.from({ length: 60 }, () => {
    now += 1;
    return sessions.begin("me");
  });
  expect(sessions.count()).toBe(50);
  expect(cookies.map((cookie) => sessions.find(cookie) !== undefined)).toEqual([
    ...Array(10).fill(false),
    ...Array(50).fill(true),
  ]);
});

test.each([
  "",
  "{",
  "[]",
  '{"secret":"x","sessions":{}}',
  '{"secret":1}',
  `{"secret":"${"x".repeat(40)}","sessions":{"a":1}}`,
])("a damaged file lets nobody in: %s", (text) => {
  const cookie = openSessions(root, 1).begin("me");
  writeFileSync(path.join(root, ".floe/serve/1.sessions"), text);
  expect(openSessions(root, 1).find(cookie)).toBeUndefined();
});
