{ pkgs, modulesPath, ... }:
{
  imports = [
    (modulesPath + "/virtualisation/lxc-container.nix")
    ../modules/site.nix
  ];

  lab.site = {
    enable = true;
    domain = "db";
  };
  environment.systemPackages = [ pkgs.hello ];
  systemd.services.db = {
    wantedBy = [ "multi-user.target" ];
    serviceConfig.ExecStart = "${pkgs.hello}/bin/hello db";
    serviceConfig.TimeoutStopSec = 9;
  };
}
