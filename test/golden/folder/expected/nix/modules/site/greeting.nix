# Written by floe from modules/site.ts; edit that file and run "floe synth".
{ config, ... }:

{
  _file = "modules/site.ts";

  environment.etc.motd.text = ''
    Welcome to ${config.networking.hostName}
    Be kind
  '';
}
