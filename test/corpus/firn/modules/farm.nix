{ config, lib, ... }:
let
  inherit (lib) mkOption types;

  field = types.submodule {
    options.size = mkOption { type = types.ints.unsigned; };
    options.crops = mkOption {
      type = types.attrsOf types.float;
      default = { };
    };
  };

  animal =
    { name, config, ... }:
    {
      freeformType = types.attrsOf types.str;
      options = {
        nick = mkOption {
          type = types.str;
          default = name;
        };
        kind = mkOption {
          type = types.enum [
            "beast"
            "bird"
          ];
          default = "beast";
        };
        legs = mkOption {
          type = types.ints.u8;
          default = 2;
        };
        sound = mkOption {
          type = types.str;
          default = "";
          apply = lib.toUpper;
        };
        tags = mkOption {
          type = types.listOf types.str;
          default = [ ];
        };
      };
      config = lib.mkIf (config.legs == 0) { tags = [ "rolls" ]; };
    };
in
{
  options.lab.farm = {
    animals = mkOption {
      type = types.attrsOf (types.submodule animal);
      default = { };
    };
    fields = mkOption {
      type = types.listOf field;
      default = [ ];
    };
    barn = mkOption {
      type = types.nullOr field;
      default = null;
    };
  };

  config.environment.etc.farm.text = builtins.toJSON config.lab.farm;
}
