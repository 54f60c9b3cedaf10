{ config, pkgs, ... }:

{
  imports = [ ../modules/server.nix ];

  networking.hostName = "storage";
  networking.hostId = "8425e349";

  boot.supportedFilesystems = [ "zfs" ];
  boot.zfs.requestEncryptionCredentials = true;
  boot.zfs.extraPools = [ "tank" ];

  fileSystems."/tank/media" = {
    device = "tank/media";
    fsType = "zfs";
  };
  fileSystems."/tank/backup" = {
    device = "tank/backup";
    fsType = "zfs";
  };

  services.zfs.autoScrub.enable = true;
  services.zfs.autoScrub.pools = [ "tank" ];
  services.zfs.autoSnapshot = {
    enable = true;
    frequent = 8;
    monthly = 1;
    flags = "-k -p --utc";
  };
  services.zfs.trim.enable = true;

  services.sanoid.enable = true;
  services.sanoid.datasets."tank/media" = {
    daily = 7;
    monthly = 6;
    autosnap = true;
    recursive = true;
  };

  services.samba = {
    enable = true;
    extraConfig = ''
      workgroup = HOME
      server string = ${config.networking.hostName}
    '';
    shares.media = {
      path = "/tank/media";
      browseable = "yes";
      "read only" = "no";
    };
    shares.backup = {
      path = "/tank/backup";
      browseable = "yes";
      "read only" = "no";
    };
  };

  services.nfs.server.enable = true;
  services.nfs.server.exports = ''
    /tank/media 192.168.6.0/24(rw)
    /tank/backup 192.168.6.0/24(rw)
  '';

  services.smartd.enable = true;
  services.smartd.notifications.mail = {
    enable = true;
    recipient = "root";
  };

  environment.systemPackages = [ pkgs.smartmontools ];
}
