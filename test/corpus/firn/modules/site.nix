# A site with options of its own, used by several hosts.
{
  config,
  lib,
  pkgs,
  ...
}:

with lib;

let
  cfg = config.lab.site;
in
{
  imports = [ ./plain.nix ];

  options.lab.site = {
    enable = mkEnableOption "the site";

    domain = mkOption {
      type = types.str;
      example = "example.org";
      description = "Its name";
    };

    level = mkOption {
      type = types.enum [
        "low"
        "high"
      ];
      default = "low";
    };

    port = mkOption {
      type = types.port;
      default = 8080;
    };

    workers = mkOption {
      type = types.ints.between 1 64;
      default = 4;
    };

    motd = mkOption {
      type = types.lines;
      default = "";
    };

    aliases = mkOption {
      type = types.listOf types.str;
      default = [ ];
    };

    tls.certificate = mkOption {
      type = types.nullOr types.path;
      default = null;
    };
  };

  config = mkIf cfg.enable {
    environment.systemPackages = [ pkgs.hello ];

    environment.etc."lab/site.conf".text = ''
      name = ${cfg.domain}
      port = ${toString cfg.port}
      ${optionalString (cfg.level == "high") "verbose = yes"}
      aliases = ${concatStringsSep " " cfg.aliases}
    '';
    environment.etc."lab/motd".text = cfg.motd;
    environment.etc."lab/tls" = mkIf (cfg.tls.certificate != null) {
      source = cfg.tls.certificate;
    };

    systemd.services."site-${cfg.domain}" = {
      wantedBy = [ "multi-user.target" ];
      environment.WORKERS = toString cfg.workers;
      script = "exec hello";
    };
  };
}
