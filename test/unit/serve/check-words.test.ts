import { expect, test } from "vitest";
import type { HealthProbe } from "../../../src/model/fleet.ts";
import { checkWords } from "../../../src/serve/details/check-words.ts";

const times = { withinMs: 30_000, intervalMs: 500 };

test.each<[HealthProbe, string]>([
  [{ kind: "http", url: "http://127.0.0.1/" }, "GET http://127.0.0.1/ answers 200 to 299, within 30 s"],
  [
    { kind: "http", url: "http://a/", status: 204, body: "fine" },
    'GET http://a/ answers 204 with "fine" in its body, within 30 s',
  ],
  [{ kind: "tcp", address: "127.0.0.1", port: 5432 }, "127.0.0.1:5432 takes connections, within 30 s"],
  [{ kind: "exec", command: ["test", "-e", "/x"] }, '"test -e /x" succeeds inside it, within 30 s'],
  [{ kind: "systemd", allowDegraded: false }, "systemd is up, without failed units, within 30 s"],
  [{ kind: "ready" }, "it says that it is ready, within 30 s"],
])("%j", (probe, words) => expect(checkWords({ ...probe, ...times })).toBe(words));

test("how often, from where, and how soon", () => {
  expect(checkWords({ kind: "ready", withinMs: 500, intervalMs: 50, passes: 3, from: "server" })).toBe(
    "it says that it is ready, within 500 ms, 3 times in a row, asked inside it",
  );
});
