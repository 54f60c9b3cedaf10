{ lib, pkgs, ... }:

{
  imports = [ ../modules/server.nix ];

  site.server.disk = null;

  networking.hostName = "pi";
  networking.useDHCP = false;
  networking.interfaces.eth0.useDHCP = true;

  boot.loader.grub.enable = false;
  boot.loader.generic-extlinux-compatible.enable = true;
  boot.kernelPackages = pkgs.linuxPackages_rpi4;
  boot.consoleLogLevel = lib.mkDefault 7;

  fileSystems."/" = {
    device = "/dev/disk/by-label/NIXOS_SD";
    fsType = "ext4";
  };

  services.mosquitto = {
    enable = true;
    host = "0.0.0.0";
    users.sensor = {
      acl = [ "topic readwrite sensors/#" ];
      password = "it's a $secret";
    };
  };
}
