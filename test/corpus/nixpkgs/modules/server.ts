import { module, opt } from "floe";

/** What every machine has, and one disk for those that say nothing else. */
export const server = module("site.server", {
  options: { disk: opt.nullOr(opt.str(), { default: "/dev/sda", description: "The disk to boot from" }) },
  config: ({ cfg, lib, pkgs, domain }) =>
    lib.mkMerge([
      {
        networking: { domain },
        time: { timeZone: "Europe/Berlin" },
        i18n: { defaultLocale: "en_GB.UTF-8" },
        services: { openssh: { enable: true, permitRootLogin: "prohibit-password", passwordAuthentication: false } },
        environment: { systemPackages: [pkgs.htop, pkgs.git, pkgs.vim] },
        nix: {
          gc: { automatic: true, options: "--delete-older-than 30d" },
          extraOptions: "experimental-features = nix-command flakes\n",
        },
        system: { stateVersion: "20.09" },
      },
      lib.mkIf(lib.isString(cfg.disk), {
        boot: { loader: { grub: { enable: true, version: 2, device: cfg.disk } } },
        fileSystems: { "/": { device: `${cfg.disk}1`, fsType: "ext4", options: ["noatime"] } },
      }),
    ]),
});
