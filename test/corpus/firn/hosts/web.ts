import { host, sh } from "floe";
import { site } from "../modules/site.ts";

export default host(({ config, lib, pkgs }) => ({
  imports: [site],
  networking: { hostName: "web", firewall: { allowedTCPPorts: [config.services.httpd.port, config.lab.site.port] } },
  lab: {
    site: {
      enable: true,
      domain: "web.example.org",
      level: "high",
      motd: lib.mkMerge(["one", lib.mkAfter("two")]),
      tls: { certificate: `${pkgs.writeText("certificate", "none")}` },
    },
  },
  services: {
    httpd: {
      enable: true,
      port: 8081,
      root: `${pkgs.writeTextDir("index.html", `<h1>${config.networking.hostName}</h1>`)}`,
      cgi: {
        visits: sh`
          n=$(($(cat /data/visits 2>/dev/null || echo 0) + 1))
          echo $n >/data/visits
          printf 'Content-Type: text/plain\r\n\r\n%s visits\n' $n
        `,
      },
      environment: { TZ: "UTC" },
    },
    ticker: { script: "while sleep 60; do echo tick; done", restart: "on-failure" },
  },
}));
