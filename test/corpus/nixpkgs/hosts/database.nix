{
  config,
  lib,
  pkgs,
  ...
}:

let
  databases = [
    "app"
    "metrics"
  ];
  postgresql = config.services.postgresql.package;
in
{
  imports = [ ../modules/server.nix ];

  networking.hostName = "database";
  networking.firewall.allowedTCPPorts = [ config.services.postgresql.port ];

  services.postgresql = {
    enable = true;
    package = pkgs.postgresql_12;
    enableTCPIP = true;
    extraPlugins = with postgresql.pkgs; [ postgis ];
    ensureDatabases = databases;
    ensureUsers = map (name: {
      inherit name;
      ensurePermissions = {
        "DATABASE ${name}" = "ALL PRIVILEGES";
        "ALL TABLES IN SCHEMA public" = "SELECT";
      };
    }) databases;
    authentication = lib.mkForce ''
      # type database user address method
      local  all      all          peer
      host   app      app  10.0.0.0/8  md5
    '';
    extraConfig = ''
      shared_buffers = 256MB
      log_connections = on
    '';
    initialScript = pkgs.writeText "init.sql" ''
      CREATE ROLE "read" WITH LOGIN PASSWORD 'it'''s secret';
      CREATE EXTENSION IF NOT EXISTS postgis;
    '';
  };

  services.postgresqlBackup = {
    enable = true;
    inherit databases;
    startAt = "*-*-* 02:00:00";
  };

  services.redis = {
    enable = true;
    bind = "127.0.0.1";
    save = [
      [
        900
        1
      ]
    ];
  };

  systemd.services.vacuum = {
    after = [ "postgresql.service" ];
    requires = [ "postgresql.service" ];
    startAt = "weekly";
    serviceConfig.User = "postgres";
    serviceConfig.Type = "oneshot";
    script = ''
      for db in ${lib.concatStringsSep " " databases}; do
        ${postgresql}/bin/psql -d "$db" -c 'VACUUM (VERBOSE, ANALYZE);' \
          || echo "failed: ''${db}" >&2
      done
    '';
  };
}
