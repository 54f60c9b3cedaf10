import { expect, test } from "vitest";
import { select } from "../../../src/cli/selectors.ts";
import { UsageError } from "../../../src/errors.ts";
import type { Fleet } from "../../../src/model/fleet.ts";

const fleet = {
  hosts: { crown: { name: "crown", tags: ["server"] }, lap: { name: "lap", tags: [] } },
  containers: {
    web: {
      name: "web",
      tags: ["server"],
      instances: {
        "web-1": { name: "web-1", container: "web", tags: [] },
        "web-2": { name: "web-2", container: "web", tags: ["canary"] },
      },
    },
    counter: { name: "counter", tags: [], instances: { counter: { name: "counter", container: "counter", tags: [] } } },
  },
} as unknown as Fleet;

function chosen(...selectors: string[]): Record<string, string[]> {
  const { hosts, images, instances } = select(fleet, selectors);
  return { hosts: [...hosts], images: [...images], instances: [...instances] };
}

function refusal(...selectors: string[]): string {
  try {
    select(fleet, selectors);
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} | ${error.hint}`;
    throw error;
  }
  return "accepted";
}

test("select() without selectors chooses everything", () => {
  expect(chosen()).toEqual({
    hosts: ["crown", "lap"],
    images: ["web", "counter"],
    instances: ["counter", "web-1", "web-2"],
  });
});

test("select() chooses homes for verbs that are about them, and for no others", () => {
  const withHome = { ...fleet, homes: { "me@laptop": { name: "me@laptop", tags: ["people"] } } } as unknown as Fleet;
  const homes = (...selectors: string[]) => [...select(withHome, selectors, { withHomes: true }).homes];
  expect(homes()).toEqual(["me@laptop"]);
  expect(homes("me@laptop")).toEqual(["me@laptop"]);
  expect(homes("home:me@*")).toEqual(["me@laptop"]);
  expect(homes("@people")).toEqual(["me@laptop"]);
  expect(homes("crown")).toEqual([]);
  expect([...select(withHome, []).homes]).toEqual([]);
  expect(() => homes("me@latop")).toThrow('There is no host, container, instance or home named "me@latop"');
  expect(() => select(withHome, ["@people"])).toThrow('Nothing carries the tag "people"');
  expect(() => select(withHome, ["me@laptop"])).toThrow("There is no host, container or instance named");
});

test("select() takes a container's instances and an instance's image along", () => {
  expect(chosen("container:web")).toEqual({ hosts: [], images: ["web"], instances: ["web-1", "web-2"] });
  expect(chosen("web-2")).toEqual({ hosts: [], images: ["web"], instances: ["web-2"] });
});

test("select() understands kinds, tags and globs", () => {
  expect(chosen("host:crown").hosts).toEqual(["crown"]);
  expect(chosen("instance:counter")).toEqual({ hosts: [], images: ["counter"], instances: ["counter"] });
  expect(chosen("@server")).toEqual({ hosts: ["crown"], images: ["web"], instances: ["web-1", "web-2"] });
  expect(chosen("@can*").instances).toEqual(["web-2"]);
  expect(chosen("web-[2-9]").instances).toEqual(["web-2"]);
  expect(chosen("*-?").instances).toEqual(["web-1", "web-2"]);
});

test("select() suggests the nearest name", () => {
  expect(refusal("conter")).toBe('There is no host, container or instance named "conter" | Did you mean counter?');
  expect(refusal("host:crwon")).toBe('There is no host named "crwon" | Did you mean host:crown?');
  expect(refusal("host:web")).toBe('There is no host named "web" | "web" is a container: container:web');
  expect(refusal("hots:crown")).toBe('There is no kind "hots" in the selector "hots:crown" | Did you mean host:crown?');
  expect(refusal("@sever")).toBe('Nothing carries the tag "sever" | Did you mean @server?');
  expect(refusal("nothing-like-it")).toBe(
    'There is no host, container or instance named "nothing-like-it" | There are: crown, lap, web, counter, web-1, web-2',
  );
});
