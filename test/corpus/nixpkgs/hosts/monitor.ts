import { host, nix } from "floe";
import { server } from "../modules/server.ts";

const targets = ["database", "web", "storage"];

export default host(({ config, domain }) => ({
  imports: [server],
  networking: { hostName: "monitor" },
  services: {
    prometheus: {
      enable: true,
      globalConfig: { scrape_interval: "15s" },
      exporters: { node: { enable: true, enabledCollectors: ["systemd"], port: 9100 } },
      scrapeConfigs: [
        {
          job_name: "node",
          static_configs: [
            {
              targets: [
                `localhost:${nix.toString(config.services.prometheus.exporters.node.port)}`,
                ...targets.map((name) => `${name}.${domain}:9100`),
              ],
            },
          ],
        },
      ],
      rules: [
        nix.toJSON({
          groups: [
            {
              name: "up",
              rules: [
                {
                  alert: "Down",
                  expr: "up == 0",
                  for: "5m",
                  annotations: { summary: "{{ $labels.instance }} is down" },
                },
              ],
            },
          ],
        }),
      ],
    },
    grafana: { enable: true, domain: `grafana.${domain}`, port: 3000, provision: { enable: true } },
    loki: { enable: true, configuration: { auth_enabled: false, server: { http_listen_port: 3100 } } },
  },
}));
