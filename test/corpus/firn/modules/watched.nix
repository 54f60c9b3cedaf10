# Services made of a table, each watched by a second one.
{ config, lib, ... }:
let
  inherit (lib)
    mkEnableOption
    mkIf
    mkOption
    types
    ;
  cfg = config.lab.watched;
in
{
  options.lab.watched = {
    enable = mkEnableOption "watched services";
    ports = mkOption {
      type = types.listOf types.port;
      default = [ 9000 ];
      readOnly = true;
      internal = true;
    };
    services = mkOption {
      type = types.attrsOf (
        types.submodule {
          options = {
            command = mkOption { type = types.nonEmptyStr; };
            every = mkOption {
              type = types.ints.positive;
              default = 30;
              description = "Seconds";
            };
            user = mkOption {
              type = types.nullOr types.str;
              default = null;
            };
          };
        }
      );
      default = { };
    };
  };

  config = mkIf cfg.enable {
    systemd.services =
      lib.mapAttrs (name: service: {
        description = "the service ${name}";
        wantedBy = [ "multi-user.target" ];
        serviceConfig = {
          ExecStart = service.command;
          Restart = "always";
          User = service.user;
        };
      }) cfg.services
      // lib.mapAttrs' (
        name: service:
        lib.nameValuePair "${name}-watch" {
          after = [ "${name}.service" ];
          script = "while sleep ${toString service.every}; do firn-service status ${name}; done";
        }
      ) cfg.services;
  };
}
