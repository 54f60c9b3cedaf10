{
  lib,
  pkgs,
  modulesPath,
  ...
}:

{
  imports = [
    (modulesPath + "/installer/scan/not-detected.nix")
    ../modules/server.nix
  ];

  site.server.disk = null;

  boot.loader.systemd-boot.enable = true;
  boot.loader.systemd-boot.configurationLimit = 10;
  boot.loader.efi.canTouchEfiVariables = true;
  boot.loader.efi.efiSysMountPoint = "/boot";
  boot.loader.timeout = lib.mkDefault 3;

  boot.initrd.availableKernelModules = [
    "xhci_pci"
    "nvme"
    "usb_storage"
    "sd_mod"
  ];
  boot.initrd.luks.devices.root = {
    device = "/dev/disk/by-label/crypt";
    preLVM = true;
    allowDiscards = true;
  };

  boot.kernelModules = [ "kvm-intel" ];
  boot.kernelPackages = pkgs.linuxPackages_latest;
  boot.kernelParams = [
    "mitigations=off"
    "console=ttyS0,115200n8"
  ];
  boot.kernel.sysctl."vm.swappiness" = 10;
  boot.kernel.sysctl."net.ipv4.conf.all.rp_filter" = lib.mkForce 2;
  boot.extraModprobeConfig = ''
    options kvm_intel nested=1
  '';
  boot.tmpOnTmpfs = true;

  fileSystems."/" = {
    device = "/dev/mapper/root";
    fsType = "btrfs";
    options = [
      "subvol=root"
      "compress=zstd"
    ];
  };
  fileSystems."/home" = {
    device = "/dev/mapper/root";
    fsType = "btrfs";
    options = [ "subvol=home" ];
    neededForBoot = true;
  };
  fileSystems."/boot" = {
    device = "/dev/disk/by-label/ESP";
    fsType = "vfat";
  };
  fileSystems."/mnt/media" = {
    device = "nas:/export/media";
    fsType = "nfs";
    options = [
      "x-systemd.automount"
      "noauto"
    ];
  };

  swapDevices = [
    {
      device = "/dev/disk/by-label/swap";
      priority = 5;
    }
    {
      device = "/var/swap";
      size = 4096;
    }
  ];

  hardware.cpu.intel.updateMicrocode = true;
  hardware.enableRedistributableFirmware = true;
}
