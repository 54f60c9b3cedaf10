# Written by floe from containers/pi-hole.ts; edit that file and run "floe synth".
{ modulesPath, ... }:

{
  _file = "containers/pi-hole.ts";

  imports = [
    (modulesPath + "/virtualisation/lxc-container.nix")
    ../modules/site/greeting.nix
  ];

  services.dns.port = 53;
}
