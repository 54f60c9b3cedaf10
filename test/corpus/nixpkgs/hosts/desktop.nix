{ lib, pkgs, ... }:

{
  imports = [ ../modules/server.nix ];

  networking.hostName = "desktop";
  networking.networkmanager.enable = true;

  services.openssh.enable = lib.mkForce false;

  services.xserver = {
    enable = true;
    layout = "de,us";
    xkbOptions = "grp:alt_shift_toggle";
    displayManager.lightdm.enable = true;
    displayManager.autoLogin.enable = true;
    displayManager.autoLogin.user = "me";
    desktopManager.xterm.enable = false;
    desktopManager.xfce.enable = true;
    desktopManager.xfce.thunarPlugins = [ pkgs.xfce.thunar-archive-plugin ];
    videoDrivers = [ "nvidia" ];
    libinput.enable = true;
  };

  services.printing.enable = true;
  services.printing.drivers = with pkgs; [
    gutenprint
    hplip
  ];
  services.pipewire.enable = true;
  services.udev.packages = with pkgs; [ android-udev-rules ];
  services.udev.extraRules = ''
    SUBSYSTEM=="usb", MODE="0660"
  '';

  sound.enable = true;
  hardware.pulseaudio = {
    enable = true;
    package = pkgs.pulseaudioFull;
    support32Bit = true;
  };
  hardware.opengl.driSupport32Bit = true;
  hardware.opengl.extraPackages = [ pkgs.vaapiVdpau ];
  hardware.bluetooth.enable = true;

  fonts.fonts = with pkgs; [
    noto-fonts
    fira-code
    (nerdfonts.override { fonts = [ "Hack" ]; })
  ];
  fonts.fontconfig.defaultFonts.monospace = [ "Fira Code" ];

  programs.zsh.enable = true;
  programs.zsh.ohMyZsh = {
    enable = true;
    plugins = [ "git" ];
  };

  users.users.me = {
    isNormalUser = true;
    shell = pkgs.zsh;
    extraGroups = [
      "wheel"
      "networkmanager"
    ];
  };

  environment.systemPackages = with pkgs; [
    firefox
    libreoffice
    (python3.withPackages (
      ps: with ps; [
        requests
        numpy
      ]
    ))
    (vim_configurable.customize {
      name = "vi";
      vimrcConfig.customRC = ''
        set nu
        let g:x = "y"
      '';
    })
  ];
  environment.pathsToLink = [ "/share/zsh" ];
}
