# Which packages the system is made of.
{ lib, config, ... }:
let
  inherit (lib) types mkOption;
  cfg = config.nixpkgs;
  overlay = lib.mkOptionType { name = "nixpkgs-overlay"; description = "nixpkgs overlay"; check = lib.isFunction; merge = lib.mergeOneOption; };
  nobodySays = throw "Neither the argument `system' of lib.nixosSystem nor the option `nixpkgs.hostPlatform' says which platform this system is for.";
in
{
  options.nixpkgs = {
    pkgs = mkOption {
      type = types.pkgs;
      default = import ../../.. { inherit (cfg.hostPlatform) system; inherit (cfg) config overlays; };
      defaultText = lib.literalExpression "import firn { inherit (config.nixpkgs.hostPlatform) system; inherit (config.nixpkgs) config overlays; }";
      description = "The package set. Set it to share one among several systems; `nixpkgs.config` and `nixpkgs.overlays` then have no effect.";
    };
    config = mkOption {
      type = types.attrsOf types.anything;
      default = { };
      example = { allowUnfree = true; };
      description = "The configuration of the package set.";
    };
    overlays = mkOption { type = types.listOf overlay; default = [ ]; description = "Overlays on the package set."; };
    hostPlatform = mkOption {
      type = types.nullOr (types.either types.str types.attrs);
      default = null;
      example = "x86_64-linux";
      # In `apply`, because a default that looks at `nixpkgs.system` would be worked out even when it is not used.
      apply = given: lib.systems.elaborate (if given != null then given else if cfg.system != null then cfg.system else nobodySays);
      description = "The platform that the system runs on. Null: what `lib.nixosSystem` was given.";
    };
    buildPlatform = mkOption {
      type = types.nullOr (types.either types.str types.attrs);
      default = null;
      apply = given: if given != null then lib.systems.elaborate given else cfg.hostPlatform;
      description = "The platform that the system is built on. firn does not cross-compile.";
    };
    system = mkOption { type = types.nullOr types.str; default = null; description = "The platform by its Nix name, where `nixpkgs.hostPlatform` is not set."; };
  };
  config._module.args.pkgs = cfg.pkgs;
}
