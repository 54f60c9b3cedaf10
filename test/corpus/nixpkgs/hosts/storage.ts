import { host, text } from "floe";
import { server } from "../modules/server.ts";

const shares = { media: "/tank/media", backup: "/tank/backup" };

export default host(({ config, pkgs }) => ({
  imports: [server],
  networking: { hostName: "storage", hostId: "8425e349" },
  boot: {
    supportedFilesystems: ["zfs"],
    zfs: { requestEncryptionCredentials: true, extraPools: ["tank"] },
  },
  fileSystems: Object.fromEntries(
    Object.values(shares).map((path) => [path, { device: path.slice(1), fsType: "zfs" }]),
  ),
  services: {
    zfs: {
      autoScrub: { enable: true, pools: ["tank"] },
      autoSnapshot: { enable: true, frequent: 8, monthly: 1, flags: "-k -p --utc" },
      trim: { enable: true },
    },
    sanoid: {
      enable: true,
      datasets: { "tank/media": { daily: 7, monthly: 6, autosnap: true, recursive: true } },
    },
    samba: {
      enable: true,
      extraConfig: text`
        workgroup = HOME
        server string = ${config.networking.hostName}
      `,
      shares: Object.fromEntries(
        Object.entries(shares).map(([name, path]) => [name, { path, browseable: "yes", "read only": "no" }]),
      ),
    },
    nfs: {
      server: {
        enable: true,
        exports: Object.values(shares)
          .map((path) => `${path} 192.168.6.0/24(rw)\n`)
          .join(""),
      },
    },
    smartd: { enable: true, notifications: { mail: { enable: true, recipient: "root" } } },
  },
  environment: { systemPackages: [pkgs.smartmontools] },
}));
