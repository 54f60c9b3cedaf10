# Written by floe from floe.config.ts; edit that file and run "floe synth".
# Packages for a machine that others use too: importing nixpkgs takes longer than all else in an evaluation.
# A machine whose own modules configure nixpkgs gets packages of its own, as if this module were not there.
pkgs:
{ lib, options, ... }:
let
  inherit (pkgs.stdenv.hostPlatform) system;
  isPlain = value: value == system || value == { inherit system; };
  isUnset =
    name:
    !(options.nixpkgs ? ${name})
    || options.nixpkgs.${name}.highestPrio >= (lib.mkOptionDefault null).priority
    || builtins.all isPlain options.nixpkgs.${name}.definitions;
in
{
  _file = "nix/sharing.nix";
  nixpkgs.pkgs = lib.mkIf (builtins.all isUnset [
    "config"
    "overlays"
    "system"
    "localSystem"
    "crossSystem"
    "hostPlatform"
    "buildPlatform"
  ]) (lib.mkDefault pkgs);
}
