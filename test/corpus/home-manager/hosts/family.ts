import { host, nix, text } from "floe";
import { terminal } from "../modules/terminal.ts";

export default host(({ config, pkgs }) => ({
  boot: { loader: { grub: { device: "/dev/sda" } } },
  fileSystems: { "/": { device: "/dev/sda1", fsType: "ext4" } },
  networking: { hostName: "family" },
  users: { users: { me: { isNormalUser: true }, kid: { isNormalUser: true } } },
  "home-manager": {
    useGlobalPkgs: true,
    useUserPackages: true,
    users: {
      me: nix.let({ name: config.networking.hostName }, ({ name }) => ({ config: home, lib }) => ({
        imports: [terminal],
        my: { terminal: { size: 14 } },
        home: {
          packages: [pkgs.ripgrep, pkgs.fd],
          file: {
            ".config/app.toml": {
              text: text`
                home = "${home.home.homeDirectory}"
                host = "${name}"
              `,
            },
            bin: { recursive: true, source: pkgs.writeTextDir("bin/hi", "echo hi") },
          },
        },
        programs: {
          git: {
            enable: true,
            userName: "Me",
            userEmail: `me@${name}`,
            aliases: { st: "status", lg: "log --graph --format='%h %s'" },
            extraConfig: { pull: { rebase: true }, 'url "git@github.com:"': { insteadOf: "gh:" } },
            ignores: ["*.swp", ".direnv/"],
          },
          ssh: {
            enable: true,
            matchBlocks: {
              "*.lan": { user: "root", forwardAgent: true },
              web: lib.hm.dag.entryBefore(["*.lan"], { hostname: "web.lan", port: 2222 }),
            },
          },
          vim: { enable: true, plugins: [pkgs.vimPlugins.$("vim-nix")], settings: { number: true } },
        },
        services: { "gpg-agent": { enable: true, defaultCacheTtl: 1800 } },
        systemd: {
          user: {
            services: {
              sync: {
                Unit: { Description: "Sync" },
                Service: { ExecStart: `${pkgs.rsync}/bin/rsync -a %h/ /backup/`, Type: "oneshot" },
                Install: { WantedBy: ["default.target"] },
              },
            },
          },
        },
      })),
      kid: { imports: [terminal], my: { terminal: { editor: "nano" } }, programs: { firefox: { enable: true } } },
    },
  },
}));
