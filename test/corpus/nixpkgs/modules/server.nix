# What every machine has, and one disk for those that say nothing else.
{
  config,
  lib,
  pkgs,
  domain,
  ...
}:

with lib;

let
  cfg = config.site.server;
in
{
  options.site.server.disk = mkOption {
    type = types.nullOr types.str;
    default = "/dev/sda";
    description = "The disk to boot from";
  };

  config = mkMerge [
    {
      networking.domain = domain;
      time.timeZone = "Europe/Berlin";
      i18n.defaultLocale = "en_GB.UTF-8";

      services.openssh = {
        enable = true;
        permitRootLogin = "prohibit-password";
        passwordAuthentication = false;
      };

      environment.systemPackages = with pkgs; [
        htop
        git
        vim
      ];

      nix.gc.automatic = true;
      nix.gc.options = "--delete-older-than 30d";
      nix.extraOptions = ''
        experimental-features = nix-command flakes
      '';

      system.stateVersion = "20.09";
    }
    (mkIf (cfg.disk != null) {
      boot.loader.grub = {
        enable = true;
        version = 2;
        device = cfg.disk;
      };
      fileSystems."/" = {
        device = cfg.disk + "1";
        fsType = "ext4";
        options = [ "noatime" ];
      };
    })
  ];
}
