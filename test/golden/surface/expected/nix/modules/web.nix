# Written by floe from modules/web.ts; edit that file and run "floe synth".
{
  config,
  lib,
  pkgs,
  ...
}:

{
  _file = "modules/web.ts";

  options.my.web = {
    enable = lib.mkEnableOption "the site";
    domain = lib.mkOption {
      type = lib.types.str;
      default = "example.org";
      description = "Its public name";
    };
    workers = lib.mkOption {
      type = lib.types.ints.between 1 64;
      default = 4;
    };
  };

  config = lib.mkIf config.my.web.enable {
    services.nginx = {
      enable = true;
      virtualHosts."${config.my.web.domain}" = {
        forceSSL = true;
        root = "${pkgs.nix.doc}/share";
        locations = {
          "/" = { };
          "~ \\.php$".index = ''a "b"'';
        };
      };
      appendHttpConfig = lib.concatMapStrings (name: "server_name ${name}.${config.my.web.domain};\n") [
        "a"
        "b"
      ];
    };
    assertions = [
      {
        assertion = config.my.web.workers < 32 || config.my.web.domain != "";
        message = "too many workers for ${config.my.web.domain}";
      }
    ];
  };
}
