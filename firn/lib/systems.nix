# Systems by their Nix names. firn builds on the system whose base is pinned and evaluates on the others.
{ lib }:
rec {
  linux = [ "x86_64-linux" "aarch64-linux" ];
  flakeExposed = linux;
  /** The platform of a name such as `x86_64-linux`, or of a set that has `system`. */
  elaborate = platform:
    let
      system = if builtins.isAttrs platform then platform.system else platform;
      parts = builtins.match "([^-]+)-(.+)" system;
      kernel = builtins.elemAt parts 1;
      cpu = builtins.head parts;
    in
    {
      inherit system;
      config = "${cpu}-unknown-${kernel}-gnu";
      isLinux = kernel == "linux";
      isDarwin = kernel == "darwin";
      isx86_64 = cpu == "x86_64";
      isAarch64 = cpu == "aarch64";
      is64bit = true;
      parsed = { cpu.name = cpu; kernel.name = kernel; };
      linuxArch = if cpu == "aarch64" then "arm64" else cpu;
      __toString = _: system;
    };
}
