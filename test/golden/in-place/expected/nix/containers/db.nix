# Written by floe from containers/db.ts; edit that file and run "floe synth".
{ modulesPath, ... }:

{
  _file = "containers/db.ts";

  imports = [ (modulesPath + "/virtualisation/lxc-container.nix") ];

  services.postgresql.enable = true;
}
