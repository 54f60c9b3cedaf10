import { host, nix } from "floe";

export default host(({ config, lib, pkgs }) => ({
  assertions: [
    { assertion: nix.not(config.boot.isContainer), message: `${config.networking.hostName} is no container` },
    { assertion: nix`lib.versionAtLeast ${lib.version} "20.09"`, message: "too old" },
  ],
  warnings: lib.optional(nix.not(pkgs.stdenv.isLinux), "untested"),
  networking: { domain: "assertions.example.org" },
  system: { stateVersion: "26.05" },
}));
