{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.greeter;
in
{
  options.my.greeting = mkOption {
    type = types.str;
    default = "hello from ${pkgs.hello.name}";
    defaultText = lib.literalExpression "a greeting";
  };

  options.services.greeter = {
    enable = lib.mkEnableOption "the greeter";
    package = lib.mkPackageOption pkgs "hello" { };
    words = mkOption {
      type = types.passwdEntry types.str;
      default = "hi";
    };
    extra = mkOption {
      type = types.attrs;
      default = { };
      internal = true;
    };
  };

  config = {
    services.greeter.enable = true;
    environment.etc.greeting.text = config.my.greeting + "\n" + cfg.words;
    environment.etc.greeter = lib.mkIf cfg.enable { source = cfg.package; };
  };
}
