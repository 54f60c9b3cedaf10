import { host } from "floe";
import { motd } from "../modules/motd.ts";

// The host's name is the file's name. Add `target: "root@server.lan"` to reach it over SSH.
export default host({ system: "x86_64-linux", tags: ["server"] }, ({ pkgs }) => ({
  imports: [motd],
  networking: { hostName: "server", firewall: { allowedTCPPorts: [22] } },
  environment: { systemPackages: [pkgs.hello] },
  users: { users: { me: { isNormalUser: true, extraGroups: ["wheel"] } } },
  // What nixos-generate-config found on the machine stays Nix:
  //   imports: [nix.path("./server/hardware-configuration.nix")]
  boot: { loader: { "systemd-boot": { enable: true } } },
  fileSystems: { "/": { device: "/dev/disk/by-label/nixos", fsType: "ext4" } },
  system: { stateVersion: "26.05" },
}));
