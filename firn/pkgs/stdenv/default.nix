# `stdenv.mkDerivation` on busybox alone: fetch nothing, unpack `src`, patch, build with make-less shell phases, install.
{ lib, busybox, system }:
let
  setup = builtins.toFile "setup.sh" (builtins.readFile ./setup.sh);
  platform = lib.systems.elaborate system;

  # Attributes that describe a package and are no part of how it is built.
  descriptive = [ "meta" "passthru" "pos" ];

  make = args:
    let
      pname = args.pname or (builtins.parseDrvName args.name).name;
      version = args.version or (builtins.parseDrvName args.name).version;
      name = args.name or (if args ? pname then "${pname}${lib.optionalString (args.version or "" != "") "-${version}"}" else throw "mkDerivation needs a `name', or a `pname' and a `version'");
      drv = derivation ({
        inherit system;
        stdenv = "${tools}";
        builder = "${busybox}/bin/sh";
        args = [ "-e" "${tools}/setup" ];
        outputs = [ "out" ];
        initialPath = "${busybox}/bin";
      }
      // removeAttrs args descriptive
      // { name = lib.strings.sanitizeDerivationName name; }
      // lib.optionalAttrs (args ? env) (removeAttrs args.env [ ] // { env = null; }));
    in
    drv // {
      inherit pname version;
      overrideAttrs = change: make (args // (if lib.isFunction (lib.toFunction change args) then lib.toFunction change args args else lib.toFunction change args));
      meta = { platforms = lib.systems.linux; available = true; } // args.meta or { };
      passthru = args.passthru or { };
      inputDerivation = drv;
    } // args.passthru or { };

  # As in nixpkgs a derivation that every package needs.
  tools = derivation {
    name = "firn-stdenv";
    inherit system setup;
    builder = "${busybox}/bin/sh";
    args = [ "-ec" "${busybox}/bin/mkdir $out; ${busybox}/bin/cp $setup $out/setup" ];
    preferLocalBuild = true;
    allowSubstitutes = false;
  };
in
tools // {
  mkDerivation = input: if lib.isFunction input then lib.fix (self: make (input self)) else make input;
  shell = "${busybox}/bin/sh";
  hostPlatform = platform;
  buildPlatform = platform;
  targetPlatform = platform;
  inherit (platform) isLinux isDarwin isx86_64 isAarch64;
}
