import { host } from "floe";
import { motd } from "../modules/motd.ts";

export default host({ tags: ["server"] }, ({ pkgs }) => ({
  imports: [motd],
  networking: { hostName: "crown", firewall: { allowedTCPPorts: [22] } },
  environment: { systemPackages: [pkgs.hello] },
  users: { users: { me: { isNormalUser: true, extraGroups: ["wheel"] } } },
  system: { stateVersion: "26.05" },
}));
