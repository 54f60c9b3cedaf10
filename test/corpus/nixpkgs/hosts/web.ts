import { host, text } from "floe";
import { server } from "../modules/server.ts";
import { sites } from "../modules/sites.ts";

export default host(({ config, pkgs, domain }) => ({
  imports: [server, sites],
  networking: { hostName: "web", firewall: { allowedTCPPorts: [80, 443] } },
  security: {
    acme: {
      acceptTerms: true,
      email: `hostmaster@${domain}`,
      certs: { [`${domain}`]: { extraDomains: { [`www.${domain}`]: null } } },
    },
  },
  site: {
    sites: {
      blog: { root: pkgs.writeTextDir("index.html", "<h1>Blog</h1>") },
      api: { upstream: "http://127.0.0.1:8080", maxBody: 50 },
    },
  },
  services: {
    nginx: {
      enable: true,
      recommendedTlsSettings: true,
      recommendedGzipSettings: true,
      recommendedProxySettings: true,
      appendHttpConfig: text`
        map $http_upgrade $connection_upgrade {
          default upgrade;
          ''      close;
        }
        log_format main '$remote_addr - "$request" \${status}';
      `,
      virtualHosts: {
        [`${domain}`]: {
          forceSSL: true,
          enableACME: true,
          serverAliases: [`www.${domain}`],
          root: `${config.services.nginx.package}/html`,
          locations: {
            "~ \\.php$": { extraConfig: "deny all;\n" },
            "= /robots.txt": { return: "200 'User-agent: *'" },
          },
        },
      },
    },
  },
}));
