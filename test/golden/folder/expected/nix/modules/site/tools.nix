# Written by floe from modules/site.ts; edit that file and run "floe synth".
{ lib, pkgs, ... }:

{
  _file = "modules/site.ts";

  options.site.tools = lib.mkOption {
    type = lib.types.listOf lib.types.package;
    default = [ ];
  };

  config.environment.systemPackages = [
    pkgs.jq
    pkgs.htop
  ];
}
