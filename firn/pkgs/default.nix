# The package set as an overlay would see it: a function of the finished set.
{ lib, system, config, overlays, path }:
final:
let
  callPackage = lib.callPackageWith final;
  base = import ./base.nix { inherit lib system; };
  builders = callPackage ./builders.nix { };
  shells = callPackage ./shells.nix { };
  kernels = callPackage ./linux.nix { };
in
{
  # Named one by one, so that the names in the set are known before any package is.
  inherit (builders)
    runCommand runCommandLocal runCommandNoCC runCommandCC
    writeTextFile writeText writeTextDir writeScript writeScriptBin writeShellScript writeShellScriptBin writeShellApplication
    concatText copyPathToStore emptyFile emptyDirectory buildEnv symlinkJoin linkFarm linkFarmFromDrvs
    closureInfo writeReferencesToFile writeClosure;
  inherit (shells) mkShell mkShellNoCC;
  inherit (kernels) linux linux_latest;

  inherit lib config overlays system callPackage path;
  inherit (base) busybox;
  base = removeAttrs base [ "busybox" ];
  pkgs = final;
  newScope = extra: lib.callPackageWith (final // extra);
  appendOverlays = more: import path { inherit system config; overlays = overlays ++ more; };

  stdenv = callPackage ./stdenv { };
  stdenvNoCC = final.stdenv;
  inherit (final.stdenv) hostPlatform buildPlatform targetPlatform;

  bash = callPackage ./bash.nix { };
  bashInteractive = final.bash;
  runtimeShell = "${final.busybox}/bin/sh";
  imageTools = callPackage ./image-tools.nix { };
  squashfsTools = final.imageTools;
  coreutils = final.busybox;

  linuxPackagesFor = kernels.packagesFor;
  linuxPackages = final.linuxPackagesFor final.linux;
  linuxPackages_latest = final.linuxPackagesFor final.linux_latest;

  hello = callPackage ./hello.nix { };
}
