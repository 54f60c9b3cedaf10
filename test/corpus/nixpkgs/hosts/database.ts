import { host, sh, text } from "floe";
import { server } from "../modules/server.ts";

const databases = ["app", "metrics"];

export default host(({ config, lib, pkgs }) => ({
  imports: [server],
  services: {
    postgresql: {
      enable: true,
      package: pkgs.postgresql_12,
      enableTCPIP: true,
      extraPlugins: [config.services.postgresql.package.pkgs.postgis],
      ensureDatabases: databases,
      ensureUsers: databases.map((name) => ({
        name,
        ensurePermissions: { [`DATABASE ${name}`]: "ALL PRIVILEGES", "ALL TABLES IN SCHEMA public": "SELECT" },
      })),
      authentication: lib.mkForce(text`
        # type database user address method
        local  all      all          peer
        host   app      app  10.0.0.0/8  md5
      `),
      extraConfig: text`
        shared_buffers = 256MB
        log_connections = on
      `,
      initialScript: pkgs.writeText(
        "init.sql",
        text`
          CREATE ROLE "read" WITH LOGIN PASSWORD 'it''s secret';
          CREATE EXTENSION IF NOT EXISTS postgis;
        `,
      ),
    },
    postgresqlBackup: { enable: true, databases, startAt: "*-*-* 02:00:00" },
    redis: { enable: true, bind: "127.0.0.1", save: [[900, 1]] },
  },
  systemd: {
    services: {
      vacuum: {
        after: ["postgresql.service"],
        requires: ["postgresql.service"],
        startAt: "weekly",
        serviceConfig: { User: "postgres", Type: "oneshot" },
        script: sh`
          for db in ${databases.join(" ")}; do
            ${config.services.postgresql.package}/bin/psql -d "$db" -c 'VACUUM (VERBOSE, ANALYZE);' \
              || echo "failed: \${db}" >&2
          done
        `,
      },
    },
  },
  networking: { hostName: "database", firewall: { allowedTCPPorts: [config.services.postgresql.port] } },
}));
