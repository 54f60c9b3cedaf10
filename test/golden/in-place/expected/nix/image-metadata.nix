# Written by floe from floe.config.ts; edit that file and run "floe synth".
# The metadata of a container's image, where the release of NixOS makes none.
machine:
let
  inherit (machine) pkgs;
  inherit (machine.config.system) nixos;
  inherit (pkgs.stdenv.hostPlatform) system;
  metadata = {
    architecture = pkgs.stdenv.hostPlatform.parsed.cpu.name;
    creation_date = 1;
    properties = {
      description = "NixOS ${nixos.codeName} ${nixos.label} ${system}";
      os = "nixos";
      release = nixos.codeName;
    };
  };
in
pkgs.runCommand "image-metadata"
  {
    metadata = builtins.toJSON metadata;
    passAsFile = [ "metadata" ];
  }
  ''
    mkdir -p $out/tarball
    cp $metadataPath metadata.yaml
    tar --create --xz --file=$out/tarball/metadata.tar.xz --format=gnu \
      --mtime=@1 --owner=0 --group=0 --numeric-owner --mode=0644 metadata.yaml
  ''
