# `lib.nixosSystem`: modules in, `{ config, options, pkgs, lib, extendModules }` out.
{
  lib,
  modules,
  system ? null,
  specialArgs ? { },
  pkgs ? null,
  extraModules ? [ ],
  modulesLocation ? null,
  baseModules ? import ../modules/module-list.nix,
  prefix ? [ ],
  check ? true,
}:
let
  located = if modulesLocation == null then modules else map (lib.setDefaultModuleLocation modulesLocation) modules;
  given = {
    _file = "lib.nixosSystem";
    config = lib.mkMerge (
      lib.optional (system != null) { nixpkgs.system = lib.mkDefault system; }
      ++ lib.optional (pkgs != null) { nixpkgs.pkgs = pkgs; }
    );
  };
  evaluated = lib.evalModules {
    inherit prefix check;
    class = "nixos";
    modules = baseModules ++ extraModules ++ [ given ] ++ located;
    specialArgs = { modulesPath = toString ../modules; } // specialArgs;
  };
  complete = evaluation: evaluation // {
    inherit lib;
    inherit (evaluation._module.args) pkgs;
    extraArgs = { };
    extendModules = args: complete (evaluation.extendModules args);
  };
in
complete evaluated
