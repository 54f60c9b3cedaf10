import { container } from "floe";
import { motd } from "../modules/motd.ts";

const greeting = "Hello from floe";

export default container(
  {
    system: "x86_64-linux",
    instances: {
      web: {
        // This machine's port to the container's.
        ports: { 8080: 80 },
        config: { "security.nesting": true },
        health: [{ http: "http://127.0.0.1:8080/", body: greeting, within: "90s" }],
      },
    },
  },
  ({ pkgs }) => ({
    imports: [motd],
    services: {
      nginx: {
        enable: true,
        virtualHosts: { web: { default: true, root: pkgs.writeTextDir("index.html", `<h1>${greeting}</h1>\n`) } },
      },
    },
    networking: { firewall: { allowedTCPPorts: [80] } },
    system: { stateVersion: "26.05" },
  }),
);
