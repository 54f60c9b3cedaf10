{ lib, config, ... }:
let
  text = default: description: lib.mkOption { type = lib.types.str; inherit default description; };
  cfg = config.system.nixos;
in
{
  options.system = {
    stateVersion = text lib.trivial.release "The release whose data formats this system began with. firn only records it.";
    name = text (if config.networking.hostName == "" then "unnamed" else config.networking.hostName) "The name in the name of the built system.";
    configurationRevision = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = "The revision of the repository that the system comes from.";
    };
    nixos = {
      version = text lib.trivial.release "The version in the name of the built system.";
      release = lib.mkOption { readOnly = true; type = lib.types.str; default = lib.trivial.release; description = "The release."; };
      label = text cfg.version "A label for this system.";
      tags = lib.mkOption { type = lib.types.listOf lib.types.str; default = [ ]; description = "Words about this system."; };
      codeName = text "Firn" "The name of the release.";
      distroId = text "firn" "The distribution, as an identifier.";
      distroName = text "firn" "The distribution, as a name.";
    };
  };
  config.environment.etc = {
    os-release = {
      base = true;
      text = ''
        ID=${cfg.distroId}
        NAME="${cfg.distroName}"
        PRETTY_NAME="${cfg.distroName} ${cfg.release}"
        VERSION="${cfg.release}"
        VERSION_ID="${cfg.release}"
        BUILD_ID="${cfg.version}"
      '';
    };
    # Incus and others know a system of this shape by it.
    NIXOS = { base = true; text = ""; };
  };
}
