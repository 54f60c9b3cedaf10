{ config, domain, ... }:

let
  inherit (config.services.prometheus.exporters) node;
in
{
  imports = [ ../modules/server.nix ];

  networking.hostName = "monitor";

  services.prometheus = {
    enable = true;
    globalConfig.scrape_interval = "15s";
    exporters.node = {
      enable = true;
      enabledCollectors = [ "systemd" ];
      port = 9100;
    };
    scrapeConfigs = [
      {
        job_name = "node";
        static_configs = [
          {
            targets = [
              "localhost:${toString node.port}"
            ]
            ++ map (name: "${name}.${domain}:9100") [
              "database"
              "web"
              "storage"
            ];
          }
        ];
      }
    ];
    rules = [
      (builtins.toJSON {
        groups = [
          {
            name = "up";
            rules = [
              {
                alert = "Down";
                expr = "up == 0";
                for = "5m";
                annotations.summary = "{{ $labels.instance }} is down";
              }
            ];
          }
        ];
      })
    ];
  };

  services.grafana = {
    enable = true;
    domain = "grafana.${domain}";
    port = 3000;
    provision.enable = true;
  };

  services.loki.enable = true;
  services.loki.configuration = {
    auth_enabled = false;
    server.http_listen_port = 3100;
  };
}
