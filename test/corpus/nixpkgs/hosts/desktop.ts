import { host } from "floe";
import { server } from "../modules/server.ts";

export default host({ nixpkgs: { config: { allowUnfree: true } } }, ({ lib, pkgs }) => ({
  imports: [server],
  networking: { hostName: "desktop", networkmanager: { enable: true } },
  services: {
    openssh: { enable: lib.mkForce(false) },
    xserver: {
      enable: true,
      layout: "de,us",
      xkbOptions: "grp:alt_shift_toggle",
      displayManager: { lightdm: { enable: true }, autoLogin: { enable: true, user: "me" } },
      desktopManager: {
        xterm: { enable: false },
        xfce: { enable: true, thunarPlugins: [pkgs.xfce.$("thunar-archive-plugin")] },
      },
      videoDrivers: ["nvidia"],
      libinput: { enable: true },
    },
    printing: { enable: true, drivers: [pkgs.gutenprint, pkgs.hplip] },
    pipewire: { enable: true },
    udev: { packages: [pkgs.$("android-udev-rules")], extraRules: 'SUBSYSTEM=="usb", MODE="0660"\n' },
  },
  sound: { enable: true },
  hardware: {
    pulseaudio: { enable: true, package: pkgs.pulseaudioFull, support32Bit: true },
    opengl: { driSupport32Bit: true, extraPackages: [pkgs.vaapiVdpau] },
    bluetooth: { enable: true },
  },
  fonts: {
    fonts: [pkgs.$("noto-fonts"), pkgs.$("fira-code"), pkgs.nerdfonts.override({ fonts: ["Hack"] })],
    fontconfig: { defaultFonts: { monospace: ["Fira Code"] } },
  },
  programs: { zsh: { enable: true, ohMyZsh: { enable: true, plugins: ["git"] } } },
  users: { users: { me: { isNormalUser: true, shell: pkgs.zsh, extraGroups: ["wheel", "networkmanager"] } } },
  environment: {
    systemPackages: [
      pkgs.firefox,
      pkgs.libreoffice,
      pkgs.python3.withPackages((ps) => [ps.requests, ps.numpy]),
      pkgs.vim_configurable.customize({ name: "vi", vimrcConfig: { customRC: 'set nu\nlet g:x = "y"\n' } }),
    ],
    pathsToLink: ["/share/zsh"],
  },
}));
