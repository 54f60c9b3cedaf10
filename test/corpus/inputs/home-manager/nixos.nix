{
  config,
  lib,
  pkgs,
  ...
}:

let
  user =
    { name, ... }:
    {
      imports = [ ./home.nix ];
      config = {
        _module.args.pkgs = lib.mkDefault pkgs;
        home.username = lib.mkDefault name;
      };
    };
in
{
  options.home-manager.users = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule user);
    default = { };
  };

  config.environment.etc = lib.mapAttrs' (
    name: home: lib.nameValuePair "homes/${name}" { source = home.home.activationPackage; }
  ) config.home-manager.users;
}
