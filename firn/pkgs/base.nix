# The parts of firn's base that come from the machine: paths that are known by their hash and that `add-base.sh` puts
# into the store. Nothing can build them, so the "builder" is a download from a place that says what to do.
{ lib, system }:
let
  pins = (lib.importJSON ../base.json).${system} or { };
  advice = "file:///firn-base-is-not-in-the-nix-store/run:_sh_firn/add-base.sh";

  pinned = name: { meta ? { } }:
    let
      pin = pins.${name} or { version = "0"; hash = lib.fakeHash; };
      package = derivation {
        name = "firn-${name}-${pin.version}";
        inherit system;
        builder = "builtin:fetchurl";
        url = advice;
        urls = [ advice ];
        executable = false;
        unpack = false;
        outputHashMode = "recursive";
        outputHashAlgo = "sha256";
        outputHash = pin.hash;
        preferLocalBuild = true;
        allowSubstitutes = false;
      };
    in
    package // {
      pname = name;
      inherit (pin) version;
      meta = { platforms = [ system ]; } // meta;
    };
in
{
  busybox = pinned "busybox" {
    meta = { description = "Debian's static busybox, with a link for each applet"; mainProgram = "busybox"; license = lib.licenses.gpl2Only; };
  };
  # Programs in libexec/ that need their loader and libraries in lib/; `bash.nix` and `image-tools.nix` wrap them.
  bash = pinned "bash" { };
  image-tools = pinned "image-tools" { };
}
