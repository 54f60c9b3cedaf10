import { host, sh } from "floe";
import { server } from "../modules/server.ts";

export default host(({ lib, pkgs }) => ({
  imports: [server],
  networking: {
    hostName: "laptop",
    wireless: { enable: true, networks: { home: { psk: 'secret "quoted"' }, "Café — guests": { priority: 1 } } },
    wireguard: {
      interfaces: {
        wg0: {
          ips: ["10.100.0.2/24"],
          privateKeyFile: "/var/keys/wg",
          peers: [
            {
              publicKey: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
              allowedIPs: ["0.0.0.0/0"],
              persistentKeepalive: 25,
            },
          ],
        },
      },
    },
  },
  services: {
    tlp: { enable: true, extraConfig: "START_CHARGE_THRESH_BAT0=75\n" },
    logind: { lidSwitch: "suspend-then-hibernate", extraConfig: "HandlePowerKey=suspend\n" },
    xserver: { enable: true, windowManager: { i3: { enable: true, extraPackages: [pkgs.dmenu, pkgs.i3status] } } },
    redshift: { enable: true },
  },
  location: { latitude: 52.5, longitude: 13.4 },
  powerManagement: {
    powertop: { enable: true },
    resumeCommands: sh`
      \${pkgs:-true}
      ${pkgs.utillinux}/bin/rfkill unblock all
    `,
  },
  virtualisation: { docker: { enable: true, autoPrune: { enable: true } }, libvirtd: { enable: true } },
  programs: { light: { enable: true }, gnupg: { agent: { enable: true, enableSSHSupport: true } } },
  security: { sudo: { wheelNeedsPassword: false, extraRules: [{ groups: ["video"], commands: ["ALL"] }] } },
  environment: { variables: { EDITOR: lib.mkOverride(900, "vim") } },
}));
