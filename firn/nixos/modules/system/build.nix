{ lib, ... }:
{
  options.system = {
    build = lib.mkOption {
      type = lib.types.lazyAttrsOf (lib.types.uniq lib.types.unspecified);
      default = { };
      description = "What can be built from the configuration, such as `toplevel`.";
    };
    path = lib.mkOption { internal = true; type = lib.types.package; description = "The packages of the system as one tree."; };
  };
}
