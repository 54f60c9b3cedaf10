// @ts-check
/** A hand-written flake around the module that floe wrote, so that all ways build the same system. */
import fs from "node:fs";
import path from "node:path";
import { pinExpression, system } from "../lib/store.mjs";
import { copyFirn, replaceInFile, write } from "./project.mjs";

/**
 * @param {{ root: string, from: string, name: string, xz: import("../lib/store.mjs").Pin }} options
 * `from`: floe's project, synthesised; `name`: of its container
 */
export function writeHandProject({ root, from, name, xz }) {
  copyFirn(root);
  for (const folder of ["nix", "modules"])
    fs.cpSync(path.join(from, folder), path.join(root, folder), { recursive: true });
  // In the repository the module has the container's name; here all of them are "site".
  fs.renameSync(path.join(root, `nix/containers/${name}.nix`), path.join(root, MODULE));
  write(root, "flake.nix", flakeText(xz));
  write(root, "server/README", "Where image files are copied to.\n");
}

/**
 * The edit.
 * @param {string} root
 * @param {string} before
 * @param {string} after
 */
export function greetInNix(root, before, after) {
  replaceInFile(path.join(root, MODULE), before, after);
}

// --- internal ---

const MODULE = "nix/containers/site.nix";

/**
 * The tarball is that of the system, but for its compression: `xz -6` on two threads, which is what such images are made with.
 * @param {import("../lib/store.mjs").Pin} xz
 */
const flakeText = (xz) => `{
  outputs =
    { self }:
    let
      firn = (import ./firn/flake.nix).outputs { self = firn // { outPath = ./firn; }; };
      inherit (firn) lib;
      xz = ${pinExpression(xz).replaceAll("\n", "\n      ")};
      compress = line:
        if lib.hasInfix "zstd --format=xz" line
        then "\${xz}/ld.so --library-path \${xz}/lib \${xz}/xz -6 -T2 --stdout root.tar >$out/tarball/rootfs.tar.xz"
        else line;
      build = (lib.nixosSystem {
        system = "${system()}";
        modules = [ ./${MODULE} ];
      }).config.system.build;
    in
    {
      packages.${system()} = {
        site-tarball = build.tarball.overrideAttrs (old: {
          buildCommand = lib.concatStringsSep "\\n" (map compress (lib.splitString "\\n" old.buildCommand));
        });
        site-metadata = build.metadata;
        site-squashfs = build.squashfs;
        site-toplevel = build.toplevel;
      };
    };
}
`;
