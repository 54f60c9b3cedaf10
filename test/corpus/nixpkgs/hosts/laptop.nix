{ lib, pkgs, ... }:

{
  imports = [ ../modules/server.nix ];

  networking.hostName = "laptop";
  networking.wireless.enable = true;
  networking.wireless.networks = {
    home.psk = ''secret "quoted"'';
    "Café — guests".priority = 1;
  };
  networking.wireguard.interfaces.wg0 = {
    ips = [ "10.100.0.2/24" ];
    privateKeyFile = "/var/keys/wg";
    peers = [
      {
        publicKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
        allowedIPs = [ "0.0.0.0/0" ];
        persistentKeepalive = 25;
      }
    ];
  };

  services.tlp = {
    enable = true;
    extraConfig = ''
      START_CHARGE_THRESH_BAT0=75
    '';
  };
  services.logind.lidSwitch = "suspend-then-hibernate";
  services.logind.extraConfig = ''
    HandlePowerKey=suspend
  '';
  services.xserver.enable = true;
  services.xserver.windowManager.i3 = {
    enable = true;
    extraPackages = with pkgs; [
      dmenu
      i3status
    ];
  };
  services.redshift.enable = true;
  location = {
    latitude = 52.5;
    longitude = 13.4;
  };

  powerManagement.powertop.enable = true;
  powerManagement.resumeCommands = ''
    ''${pkgs:-true}
    ${pkgs.utillinux}/bin/rfkill unblock all
  '';

  virtualisation.docker.enable = true;
  virtualisation.docker.autoPrune.enable = true;
  virtualisation.libvirtd.enable = true;

  programs.light.enable = true;
  programs.gnupg.agent = {
    enable = true;
    enableSSHSupport = true;
  };
  security.sudo.wheelNeedsPassword = false;
  security.sudo.extraRules = [
    {
      groups = [ "video" ];
      commands = [ "ALL" ];
    }
  ];
  environment.variables.EDITOR = lib.mkOverride 900 "vim";
}
