import { container } from "floe";

export default container({ instances: { game: { ports: { 25565: 25565 } } } }, ({ pkgs }) => ({
  networking: { firewall: { allowedTCPPorts: [25565] } },
  users: { users: { game: { isSystemUser: true } } },
  systemd: {
    services: {
      game: {
        wantedBy: ["multi-user.target"],
        serviceConfig: { User: "game", StateDirectory: "game", ExecStart: `${pkgs.hello}/bin/hello` },
      },
    },
  },
  system: { stateVersion: "20.09" },
}));
