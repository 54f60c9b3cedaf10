{ config, pkgs, ... }:

let
  hostName = "family";
in
{
  boot.loader.grub.device = "/dev/sda";
  fileSystems."/" = {
    device = "/dev/sda1";
    fsType = "ext4";
  };
  networking = { inherit hostName; };

  users.users.me.isNormalUser = true;
  users.users.kid.isNormalUser = true;

  home-manager.useGlobalPkgs = true;
  home-manager.useUserPackages = true;

  home-manager.users.me =
    { config, lib, ... }:
    {
      imports = [ ../modules/terminal.nix ];

      my.terminal.size = 14;

      home.packages = with pkgs; [
        ripgrep
        fd
      ];
      home.file.".config/app.toml".text = ''
        home = "${config.home.homeDirectory}"
        host = "${hostName}"
      '';
      home.file.bin = {
        recursive = true;
        source = pkgs.writeTextDir "bin/hi" "echo hi";
      };

      programs.git = {
        enable = true;
        userName = "Me";
        userEmail = "me@${hostName}";
        aliases.st = "status";
        aliases.lg = "log --graph --format='%h %s'";
        extraConfig.pull.rebase = true;
        extraConfig."url \"git@github.com:\"".insteadOf = "gh:";
        ignores = [
          "*.swp"
          ".direnv/"
        ];
      };

      programs.ssh = {
        enable = true;
        matchBlocks."*.lan" = {
          user = "root";
          forwardAgent = true;
        };
        matchBlocks.web = lib.hm.dag.entryBefore [ "*.lan" ] {
          hostname = "web.lan";
          port = 2222;
        };
      };

      programs.vim.enable = true;
      programs.vim.plugins = [ pkgs.vimPlugins.vim-nix ];
      programs.vim.settings.number = true;

      services.gpg-agent.enable = true;
      services.gpg-agent.defaultCacheTtl = 1800;

      systemd.user.services.sync = {
        Unit.Description = "Sync";
        Service.ExecStart = "${pkgs.rsync}/bin/rsync -a %h/ /backup/";
        Service.Type = "oneshot";
        Install.WantedBy = [ "default.target" ];
      };
    };

  home-manager.users.kid = {
    imports = [ ../modules/terminal.nix ];
    my.terminal.editor = "nano";
    programs.firefox.enable = true;
  };
}
