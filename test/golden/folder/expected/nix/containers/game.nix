# Written by floe from containers/game.ts; edit that file and run "floe synth".
{ lib, modulesPath, ... }:

{
  _file = "containers/game.ts";

  imports = [ (modulesPath + "/virtualisation/lxc-container.nix") ];

  config = lib.mkIf true { services.httpd.enable = true; };
}
