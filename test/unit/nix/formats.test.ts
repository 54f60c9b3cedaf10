import { describe, expect, test } from "vitest";
import { hasDefaultRoute } from "../../../src/nix/network.ts";
import { decodePathInfo } from "../../../src/nix/path-info.ts";
import { featuresOf, isTooOld, parseNixVersion } from "../../../src/nix/version.ts";

describe("parseNixVersion()", () => {
  test.each([
    ["nix (Nix) 2.8.0", "2.8.0"],
    ["nix (Nix) 2.34.8\n", "2.34.8"],
    ["nix (Nix) 2.19pre20231103_8b68b8f", "2.19"],
    ["nix (Lix, like Nix) 2.91.1\nSystem type: x86_64-linux", "2.91.1"],
    ["nix (Determinate Nix 3.5.2) 2.28.3", "2.28.3"],
  ])("%j is %s", (output, version) => {
    expect(parseNixVersion(output)).toBe(version);
  });

  test("knows none in other text", () => {
    expect(parseNixVersion("command not found")).toBeUndefined();
  });
});

describe("featuresOf()", () => {
  test("compares numbers, not text", () => {
    expect(isTooOld("2.7.9")).toBe(true);
    expect(isTooOld("2.8.0")).toBe(false);
    expect(isTooOld("2.10.3")).toBe(false);
    expect(isTooOld("3.0")).toBe(false);
    expect(featuresOf("2.8.0")).toEqual({
      outputsSuffix: false,
      configShow: false,
      updateByName: false,
      dirtyRev: false,
    });
    expect(featuresOf("2.34.8")).toEqual({ outputsSuffix: true, configShow: true, updateByName: true, dirtyRev: true });
  });
});

describe("decodePathInfo()", () => {
  const valid = "/nix/store/00000000000000000000000000000000-a";
  const invalid = "/nix/store/11111111111111111111111111111111-b";
  const expected = new Map([[valid, { path: valid, narSize: 120, closureSize: 300 }]]);

  test.each([
    [
      "the list before 2.19",
      [
        { path: valid, narSize: 120, closureSize: 300 },
        { path: invalid, valid: false },
      ],
    ],
    ["the map since 2.19", { [valid]: { narSize: 120, closureSize: 300, ca: null }, [invalid]: null }],
    [
      "the JSON format 2",
      {
        info: { [valid.slice(11)]: { narSize: 120, closureSize: 300 }, [invalid.slice(11)]: null },
        storeDir: "/nix/store",
        version: 2,
      },
    ],
  ])("reads %s", (_, json) => {
    expect(decodePathInfo(json)).toEqual(expected);
  });
});

describe("hasDefaultRoute()", () => {
  const header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  const zeros = "0".repeat(32);

  test("finds the default route of IPv4", () => {
    expect(hasDefaultRoute(`${header}eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`, "")).toBe(true);
    expect(hasDefaultRoute(`${header}eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n`, "")).toBe(false);
  });

  test("finds the default route of IPv6, and not the one that rejects", () => {
    const route = (flags: string, name: string) =>
      `${zeros} 00 ${zeros} 00 ${zeros} 00000400 00000002 00000000 ${flags} ${name}\n`;
    expect(hasDefaultRoute(header, route("00000003", "    eth0"))).toBe(true);
    expect(hasDefaultRoute(header, route("00200200", "      lo"))).toBe(false);
    expect(hasDefaultRoute(header, route("00000201", "    eth0"))).toBe(false);
  });
});
