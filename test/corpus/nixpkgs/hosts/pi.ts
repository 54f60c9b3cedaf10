import { host } from "floe";
import { server } from "../modules/server.ts";

export default host({ system: "aarch64-linux", target: "root@pi.lan" }, ({ lib, pkgs }) => ({
  imports: [server],
  site: { server: { disk: null } },
  networking: { hostName: "pi", interfaces: { eth0: { useDHCP: true } }, useDHCP: false },
  boot: {
    loader: { grub: { enable: false }, "generic-extlinux-compatible": { enable: true } },
    kernelPackages: pkgs.linuxPackages_rpi4,
    consoleLogLevel: lib.mkDefault(7),
  },
  fileSystems: { "/": { device: "/dev/disk/by-label/NIXOS_SD", fsType: "ext4" } },
  services: {
    mosquitto: {
      enable: true,
      host: "0.0.0.0",
      users: { sensor: { acl: ["topic readwrite sensors/#"], password: "it's a $secret" } },
    },
  },
}));
