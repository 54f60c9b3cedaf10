import { describe, expect, test } from "vitest";
import { locateOption, optionAt } from "../../../src/diagnose/nix-text.ts";

const text = `# networking.hostName = "comment";
{ config, lib, pkgs, ... }:
let
  cfg = config.services.x;
in
{
  imports = [ ./x.nix ];

  config = lib.mkIf cfg.enable {
    networking.hostName = "a";
    networking = {
      /* firewall = 1; */
      firewall.allowedTCPPorts = [ 22 80 ];
    };
    services.nginx.virtualHosts."a.example.org" = {
      root = "/srv/{a}";
      extraConfig = ''
        root = "not this one";
        \${lib.optionalString (cfg.x == 1) "}"}
      '';
      locations = { "/" = { index = "x"; }; };
    };
  };
}
`;

const place = (...option: string[]) => {
  const found = locateOption(text, option);
  return found === undefined ? undefined : `${found.line}:${found.column}`;
};

describe("locateOption()", () => {
  test.each([
    ["10:5", ["networking", "hostName"]],
    ["13:7", ["networking", "firewall", "allowedTCPPorts"]],
    ["13:7", ["networking", "firewall", "allowedTCPPorts", "[definition 1-entry 2]"]],
    ["16:7", ["services", "nginx", "virtualHosts", "a.example.org", "root"]],
    ["21:29", ["services", "nginx", "virtualHosts", "a.example.org", "locations", "/", "index"]],
    ["15:5", ["services", "nginx", "virtualHosts", "a.example.org", "missing"]],
    [undefined, ["time", "timeZone"]],
  ] as const)("%s", (expected, option) => {
    expect(place(...option)).toBe(expected);
  });
});

describe("optionAt()", () => {
  test.each([
    [10, 28, ["networking", "hostName"]],
    [13, 36, ["networking", "firewall", "allowedTCPPorts"]],
    [18, 12, ["services", "nginx", "virtualHosts", "a.example.org", "extraConfig"]],
    [21, 38, ["services", "nginx", "virtualHosts", "a.example.org", "locations", "/", "index"]],
    [7, 15, ["imports"]],
    [2, 1, []],
  ] as const)("line %d column %d", (line, column, option) => {
    expect(optionAt(text, { line, column })).toEqual(option);
  });
});
