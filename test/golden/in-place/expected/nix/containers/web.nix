# Written by floe from containers/web.ts; edit that file and run "floe synth".
{ modulesPath, ... }:

{
  _file = "containers/web.ts";

  imports = [ (modulesPath + "/virtualisation/lxc-container.nix") ];

  services.nginx.enable = true;
}
