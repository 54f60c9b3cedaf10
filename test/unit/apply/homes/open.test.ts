import { expect, test } from "vitest";
import { homeTarget } from "../../../../src/apply/homes/open.ts";
import type { Fleet, Host } from "../../../../src/model/fleet.ts";

const hosts = { laptop: { target: "root@laptop.lan" }, box: { target: "incus:crown/box" } } as unknown as Record<
  string,
  Host
>;
const target = (name: string, rest: { readonly target?: string } = {}) =>
  homeTarget({ name, user: name.replace(/@.*/, ""), ...rest }, hosts as Fleet["hosts"], "desk");

test("a home is where its target says, else where its name says, else here", () => {
  expect(target("me", { target: "me@there" })).toEqual({ kind: "ssh", destination: "me@there" });
  expect(target("me")).toEqual({ kind: "local" });
  expect(target("me@desk")).toEqual({ kind: "local" });
  expect(target("me@Desk.lan")).toEqual({ kind: "local" });
  expect(target("me@laptop")).toEqual({ kind: "ssh", destination: "me@laptop.lan" });
  expect(target("me@box")).toEqual({ kind: "ssh", destination: "me@box" });
  expect(target("me@elsewhere")).toEqual({ kind: "ssh", destination: "me@elsewhere" });
});
