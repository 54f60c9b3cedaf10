# Written by floe from modules/motd.ts; edit that file and run "floe synth".
{ config, ... }:

{
  _file = "modules/motd.ts";

  environment.etc.motd.text = ''
    This is ${config.networking.hostName}, described in TypeScript and built by Nix.
  '';
}
