# An image for LXC and Incus: `system.build.squashfs` or `system.build.tarball` is its root file system,
# `system.build.metadata` the other half.
{ lib, config, pkgs, ... }:
let
  inherit (config.nixpkgs.hostPlatform) system;
  inherit (config.system.build) toplevel;
  closure = pkgs.closureInfo { rootPaths = [ toplevel ]; };

  # What the root file system has beside the store. Activation makes the rest.
  directories = {
    "/bin" = "755"; "/sbin" = "755"; "/usr" = "755"; "/usr/bin" = "755"; "/etc" = "755"; "/home" = "755"; "/root" = "700";
    "/dev" = "755"; "/proc" = "555"; "/sys" = "555"; "/run" = "755"; "/mnt" = "755"; "/tmp" = "1777";
    "/var" = "755"; "/var/empty" = "755"; "/var/lib" = "755"; "/var/log" = "755"; "/var/tmp" = "1777";
    "/nix/var" = "755"; "/nix/var/nix" = "755"; "/nix/var/nix/profiles" = "755"; "/nix/var/nix/gcroots" = "755";
  };
  links = {
    "/sbin/init" = "${toplevel}/init";
    "/bin/sh" = "${pkgs.busybox}/bin/sh";
    "/usr/bin/env" = "${pkgs.busybox}/bin/env";
    "/etc/os-release" = "${toplevel}/etc/os-release";
    "/var/run" = "/run";
    "/nix/var/nix/profiles/system" = "system-1-link";
    "/nix/var/nix/profiles/system-1-link" = "${toplevel}";
    "/nix/var/nix/gcroots/profiles" = "/nix/var/nix/profiles";
  };
  each = f: set: builtins.concatStringsSep "\n" (lib.mapAttrsToList f set);
in
{
  imports = [ ./lxc-image-metadata.nix ];
  options.virtualisation.lxc = {
    privilegedContainer = lib.mkOption { type = lib.types.bool; default = false; description = "No effect in firn."; };
    nestedContainer = lib.mkOption { type = lib.types.bool; default = false; description = "No effect in firn."; };
    compressionLevel = lib.mkOption { type = lib.types.ints.between 1 22; default = 1; description = "How hard zstd works on the squashfs image."; };
  };
  config = {
    boot.isContainer = true;

    # The same bytes for the same system: every time is 1, every owner root, every list sorted.
    system.build.squashfs = pkgs.runCommand "nixos-lxc-image-${system}" {
      nativeBuildInputs = [ pkgs.squashfsTools ];
      pseudo = ''
        ${each (path: mode: "${path} d ${mode} 0 0") directories}
        ${each (path: target: "${path} s 777 0 0 ${target}") links}
      '';
      passAsFile = [ "pseudo" ];
    } ''
      mkdir $out
      cp ${closure}/registration nix-path-registration
      # mksquashfs takes times from its flags or from the environment, not from both.
      unset SOURCE_DATE_EPOCH
      mksquashfs nix-path-registration $(cat ${closure}/store-paths) $out/nixos-lxc-image-${system}.squashfs \
        -pf $pseudoPath -no-strip -no-hardlinks -all-root -root-mode 0755 -no-xattrs -no-progress -quiet \
        -mkfs-time 1 -all-time 1 -b 1M -comp zstd -Xcompression-level ${toString config.virtualisation.lxc.compressionLevel} \
        -processors $(( ''${NIX_BUILD_CORES:-0} > 0 ? NIX_BUILD_CORES : 1 ))
    '';

    system.build.tarball = pkgs.runCommand "tarball" {
      nativeBuildInputs = [ pkgs.imageTools ];
    } ''
      mkdir -p $out/tarball root
      cd root
      ${each (path: mode: "mkdir -p .${path}; chmod ${mode} .${path}") directories}
      ${each (path: target: "ln -s ${target} .${path}") links}
      cp ${closure}/registration nix-path-registration
      find . | sort >../own
      cd ..
      while read -r path; do find "$path"; done <${closure}/store-paths | sed 's,^/,,' | sort >store
      ${pkgs.imageTools}/bin/tar --create --file=root.tar --format=gnu --mtime=@1 --owner=0 --group=0 --numeric-owner \
        --no-recursion --hard-dereference -C root --files-from=own -C / --files-from=store
      zstd --format=xz -1 -q -o $out/tarball/nixos-system-${system}.tar.xz root.tar
    '';

    system.build.installBootLoader = pkgs.writeShellScript "install-lxc-sbin-init" ''ln -sfn "$1/init" /sbin/init'';
  };
}
