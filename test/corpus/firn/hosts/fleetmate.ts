import { host } from "floe";

export default host({ specialArgs: { role: "db" } }, ({ role, site, lib }) => ({
  networking: { hostName: `${site}-${role}` },
  environment: { etc: { role: { text: lib.toUpper(role) } } },
}));
