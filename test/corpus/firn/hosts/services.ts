import { host, nix } from "floe";
import { watched } from "../modules/watched.ts";

export default host(({ config, lib }) => ({
  imports: [watched],
  lab: {
    watched: {
      enable: true,
      services: { one: { command: "sleep 60", every: 5 }, two: { command: "sleep 70", user: "nobody" } },
    },
  },
  networking: {
    firewall: {
      allowedTCPPorts: lib.mkIf(config.lab.watched.enable, nix.concat([80], config.lab.watched.ports)),
    },
  },
}));
