import { container } from "floe";

export default container({
  services: { cache: { command: ["sleep", "3600"], stateDirectory: "cache" } },
  networking: { firewall: { allowedTCPPorts: [6379] } },
});
