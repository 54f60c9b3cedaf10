import { describe, expect, test } from "vitest";
import type { OptionDump } from "../../../src/types/dump.ts";
import { findOption, optionPaths, searchOptions } from "../../../src/types/search.ts";

const bool = { kind: "bool" };
const dump: OptionDump = {
  version: 1,
  machines: ["crown"],
  packages: { names: [], sets: {} },
  options: {
    networking: {
      options: {
        hostName: { type: { kind: "str" }, description: "The name.", default: '"nixos"', declared: "net.nix", line: 4 },
      },
    },
    services: {
      options: {
        nginx: {
          options: {
            enable: { type: bool, description: "Runs nginx." },
            virtualHosts: {
              type: {
                kind: "attrsOf",
                elem: {
                  kind: "submodule",
                  options: { root: { type: { kind: "path" }, description: "The document root." } },
                },
              },
            },
          },
        },
        proxy: {
          options: {
            enable: { type: bool, description: "Like nginx." },
            secret: { type: bool, description: "nginx", internal: true },
          },
        },
      },
    },
    users: {
      options: {
        list: { type: { kind: "listOf", elem: { kind: "submodule", options: { uid: { type: { kind: "int" } } } } } },
      },
    },
  },
};
const paths = (text: string) => searchOptions(dump, text).map(({ path }) => path);

describe("searchOptions()", () => {
  test("puts paths before descriptions, and leaves internal ones out", () => {
    expect(paths("nginx")).toEqual([
      "services.nginx.enable",
      "services.nginx.virtualHosts",
      "services.nginx.virtualHosts.<name>.root",
      "services.proxy.enable",
    ]);
  });
  test("puts an exact last name first", () => {
    expect(paths("root")).toEqual(["services.nginx.virtualHosts.<name>.root"]);
    expect(paths("HOSTNAME")).toEqual(["networking.hostName"]);
  });
  test("wants all words", () => {
    expect(paths("nginx document")).toEqual(["services.nginx.virtualHosts.<name>.root"]);
    expect(paths("nginx nothing")).toEqual([]);
  });
  test("finds nothing for nothing", () => {
    expect(paths("  ")).toEqual([]);
  });
  test("answers at most as many as asked", () => {
    expect(searchOptions(dump, "e", 2)).toHaveLength(2);
  });
});

describe("findOption()", () => {
  test("answers what is shown", () => {
    expect(findOption(dump, ["networking", "hostName"])).toEqual({
      path: "networking.hostName",
      type: "string",
      description: "The name.",
      default: '"nixos"',
      declared: "net.nix",
      line: 4,
    });
  });
  test("takes a name for an open one, and steps over lists", () => {
    expect(findOption(dump, ["services", "nginx", "virtualHosts", "a.org", "root"])?.path).toBe(
      "services.nginx.virtualHosts.<name>.root",
    );
    expect(findOption(dump, ["users", "list", "uid"])?.path).toBe("users.list.*.uid");
    expect(findOption(dump, ["networking", "hostNam"])).toBeUndefined();
  });
});

test("optionPaths() lists all", () => {
  expect(optionPaths(dump)).toContain("services.nginx.virtualHosts.<name>.root");
});
