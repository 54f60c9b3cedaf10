{ pkgs, ... }:

let
  keys.ada = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAada ada@laptop";
  keys.grace = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAgrace grace@laptop";
  hashedPassword = "$6$rounds=1000$salt$hash/.";
in
{
  imports = [ ../modules/server.nix ];

  networking.hostName = "people";

  users.mutableUsers = false;
  users.defaultUserShell = pkgs.zsh;

  users.users.ada = {
    isNormalUser = true;
    uid = 1001;
    extraGroups = [
      "wheel"
      "docker"
    ];
    openssh.authorizedKeys.keys = [ keys.ada ];
    inherit hashedPassword;
  };
  users.users.grace = {
    isNormalUser = true;
    uid = 1002;
    openssh.authorizedKeys.keys = [ keys.grace ];
    inherit hashedPassword;
  };
  users.users.root.openssh.authorizedKeys.keys = [ keys.ada ];
  users.users.backup = {
    isSystemUser = true;
    home = "/var/backup";
    createHome = true;
    shell = "${pkgs.bash}/bin/bash";
    group = "backup";
  };
  users.groups.backup.members = [
    "ada"
    "grace"
  ];
  users.groups.docker = { };

  programs.zsh.enable = true;
  programs.zsh.interactiveShellInit = ''
    bindkey '^[[A' history-beginning-search-backward
  '';
}
