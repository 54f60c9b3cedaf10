# Written by floe from modules/motd.ts; edit that file and run "floe synth".
{ config, ... }:

{
  _file = "modules/motd.ts";

  environment.etc.motd.text = ''
    This is ${config.system.nixos.distroName} ${config.system.nixos.release}, described in TypeScript and built by Nix.
  '';
}
