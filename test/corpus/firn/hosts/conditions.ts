import { host, nix } from "floe";

export default host(({ config, lib, options }) =>
  lib.mkMerge([
    { networking: { hostName: "conditions", firewall: { allowedTCPPorts: [22] } } },
    lib.mkIf(config.networking.firewall.enable, {
      networking: { firewall: { allowedTCPPorts: lib.mkBefore([21]) } },
    }),
    lib.mkIf(nix.and(options.time.timeZone.isDefined, nix.not(config.boot.isContainer)), {
      environment: { etc: { zone: { text: "set" } } },
    }),
    {
      time: { timeZone: lib.mkIf(nix.or(config.boot.isContainer, true), "UTC") },
      environment: {
        etc: lib.mkMerge([
          lib.mkIf(false, { never: { text: "" } }),
          { ports: { text: nix.toJSON(config.networking.firewall.allowedTCPPorts) } },
        ]),
      },
    },
  ]),
);
