{ pkgs, modulesPath, ... }:

{
  imports = [ (modulesPath + "/virtualisation/lxc-container.nix") ];

  networking.firewall.allowedTCPPorts = [ 25565 ];
  users.users.game.isSystemUser = true;

  systemd.services.game = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig = {
      User = "game";
      StateDirectory = "game";
      ExecStart = "${pkgs.hello}/bin/hello";
    };
  };

  system.stateVersion = "20.09";
}
