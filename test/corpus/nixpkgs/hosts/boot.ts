import { host } from "floe";
import { server } from "../modules/server.ts";

const disk = (label: string) => `/dev/disk/by-label/${label}`;

export default host(({ lib, pkgs, modulesPath }) => ({
  imports: [`${modulesPath}/installer/scan/not-detected.nix`, server],
  site: { server: { disk: null } },
  boot: {
    loader: {
      "systemd-boot": { enable: true, configurationLimit: 10 },
      efi: { canTouchEfiVariables: true, efiSysMountPoint: "/boot" },
      timeout: lib.mkDefault(3),
    },
    initrd: {
      availableKernelModules: ["xhci_pci", "nvme", "usb_storage", "sd_mod"],
      luks: { devices: { root: { device: disk("crypt"), preLVM: true, allowDiscards: true } } },
    },
    kernelModules: ["kvm-intel"],
    kernelPackages: pkgs.linuxPackages_latest,
    kernelParams: ["mitigations=off", "console=ttyS0,115200n8"],
    kernel: { sysctl: { "vm.swappiness": 10, "net.ipv4.conf.all.rp_filter": lib.mkForce(2) } },
    extraModprobeConfig: "options kvm_intel nested=1\n",
    tmpOnTmpfs: true,
  },
  fileSystems: {
    "/": { device: "/dev/mapper/root", fsType: "btrfs", options: ["subvol=root", "compress=zstd"] },
    "/home": { device: "/dev/mapper/root", fsType: "btrfs", options: ["subvol=home"], neededForBoot: true },
    "/boot": { device: disk("ESP"), fsType: "vfat" },
    "/mnt/media": { device: "nas:/export/media", fsType: "nfs", options: ["x-systemd.automount", "noauto"] },
  },
  swapDevices: [
    { device: disk("swap"), priority: 5 },
    { device: "/var/swap", size: 4096 },
  ],
  hardware: { cpu: { intel: { updateMicrocode: true } }, enableRedistributableFirmware: true },
}));
