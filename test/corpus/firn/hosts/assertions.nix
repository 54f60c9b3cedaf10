{
  config,
  lib,
  pkgs,
  ...
}:
{
  assertions = [
    {
      assertion = !config.boot.isContainer;
      message = "${config.networking.hostName} is no container";
    }
    {
      assertion = lib.versionAtLeast lib.version "20.09";
      message = "too old";
    }
  ];
  warnings = lib.optional (!pkgs.stdenv.isLinux) "untested";
  networking.domain = "assertions.example.org";
  system.stateVersion = "26.05";
}
