{ config, lib, ... }:
{
  imports = [ ../modules/watched.nix ];

  lab.watched = {
    enable = true;
    services.one = {
      command = "sleep 60";
      every = 5;
    };
    services.two = {
      command = "sleep 70";
      user = "nobody";
    };
  };

  networking.firewall.allowedTCPPorts = lib.mkIf config.lab.watched.enable (
    [ 80 ] ++ config.lab.watched.ports
  );
}
