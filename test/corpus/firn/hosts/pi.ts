import { host } from "floe";

export default host({ system: "aarch64-linux", target: "root@pi.lan" }, ({ pkgs }) => ({
  networking: { hostName: "pi" },
  environment: { etc: { system: { text: pkgs.stdenv.hostPlatform.system } }, systemPackages: [pkgs.hello] },
}));
