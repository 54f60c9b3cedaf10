{
  config,
  lib,
  pkgs,
  ...
}:
let
  person = name: uid: {
    isNormalUser = true;
    inherit uid;
    openssh.authorizedKeys.keys = [
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${name} ${name}@example.org"
    ];
  };
in
{
  users.users =
    lib.mapAttrs person {
      ada = 1001;
      grace = 1002;
      linus = 1003;
    }
    // {
      root.openssh.authorizedKeys.keys = config.users.users.ada.openssh.authorizedKeys.keys;
      deploy = {
        isSystemUser = true;
        group = "deploy";
        shell = pkgs.bash;
        hashedPassword = null;
      };
    };
  users.groups.deploy.members = [
    "ada"
    "grace"
    "linus"
  ];
}
