import { container, nix } from "floe";
import { site } from "../modules/site.ts";

export default container(
  { tags: ["data"], instances: { db: { ports: { 5432: 5432 } } } },
  ({ config, pkgs, modulesPath }) => ({
    imports: nix.concat([site], [`${modulesPath}/virtualisation/lxc-image-metadata.nix`]),
    lab: { site: { enable: true, domain: "db" } },
    environment: { systemPackages: [pkgs.hello] },
    systemd: {
      services: {
        db: {
          wantedBy: ["multi-user.target"],
          serviceConfig: { ExecStart: `${pkgs.hello}/bin/hello ${config.lab.site.domain}`, TimeoutStopSec: 9 },
        },
      },
    },
  }),
);
