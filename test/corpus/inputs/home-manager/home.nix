{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.home;
in
{
  options.home = {
    username = mkOption { type = types.str; };
    homeDirectory = mkOption {
      type = types.path;
      default = "/home/${cfg.username}";
    };
    packages = mkOption {
      type = types.listOf types.package;
      default = [ ];
    };
    sessionVariables = mkOption {
      type = types.attrsOf types.str;
      default = { };
    };
    file = mkOption {
      type = types.attrsOf (types.submodule { options.text = mkOption { type = types.lines; }; });
      default = { };
    };
    activationPackage = mkOption {
      type = types.package;
      internal = true;
    };
  };
  options.programs.git.enable = lib.mkEnableOption "git";

  config.home = {
    sessionVariables.EDITOR = lib.mkDefault "nano";
    file.".gitconfig" = lib.mkIf config.programs.git.enable {
      text = "[user]\nname = ${cfg.username}";
    };
    activationPackage = pkgs.writeText "home-${cfg.username}" (
      builtins.toJSON {
        inherit (cfg) homeDirectory sessionVariables file;
        packages = map toString cfg.packages;
      }
    );
  };
}
