# Written by floe from hosts/crown.ts; edit that file and run "floe synth".
{ pkgs, ... }:

{
  _file = "hosts/crown.ts";

  imports = [ ../modules/motd.nix ];

  networking = {
    hostName = "crown";
    firewall.allowedTCPPorts = [ 22 ];
  };

  environment.systemPackages = [ pkgs.hello ];

  users.users.me = {
    isNormalUser = true;
    extraGroups = [ "wheel" ];
  };

  system.stateVersion = "26.05";
}
