/** The root file system of an instance that is updated in place: its `/nix/store` is its server's, so it holds links and folders only. */
import type { Container } from "../model/fleet.ts";
import { file } from "./snippets.ts";

/** Written beside the containers' modules. */
export const imageInPlaceFile = "nix/image-in-place.nix";

/** Whether an instance of the container is updated in place. */
export function isInPlace({ instances }: Pick<Container, "instances">): boolean {
  return Object.values(instances).some(({ update }) => update === "in-place");
}

/** A function of a machine. The container boots whatever the link `system` leads to; `system-1-link` is its first. */
export const imageInPlace = file`
  # The root of a container whose /nix/store is mounted from its server.
  machine:
  let
    inherit (machine) pkgs;
    inherit (machine.config.system.build) toplevel;
  in
  pkgs.runCommand "image-in-place"
    {
      nativeBuildInputs = [ pkgs.squashfsTools ];
    }
    ''
      mkdir -p root/bin root/dev root/etc root/home root/mnt root/proc root/root root/run root/sbin root/sys root/tmp
      mkdir -p root/usr/bin root/var/empty root/var/lib root/var/log root/var/tmp
      mkdir -p root/nix/store root/nix/var/nix/gcroots root/nix/var/nix/profiles
      chmod 0755 root root/*
      chmod 0700 root/root
      chmod 1777 root/tmp root/var/tmp
      ln -s \${toplevel} root/nix/var/nix/profiles/system-1-link
      ln -s system-1-link root/nix/var/nix/profiles/system
      ln -s /nix/var/nix/profiles/system root/nix/var/nix/gcroots/system
      ln -s /nix/var/nix/profiles/system/init root/sbin/init
      ln -s /run root/var/run

      # mksquashfs takes times from its flags or from the environment, not from both.
      unset SOURCE_DATE_EPOCH
      mkdir $out
      mksquashfs root $out/root.squashfs -all-root -no-xattrs -no-progress -mkfs-time 1 -all-time 1
    ''
`;
