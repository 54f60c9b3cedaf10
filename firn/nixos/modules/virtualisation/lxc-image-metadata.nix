# The metadata half of an image: metadata.yaml, and the templates that Incus fills in when it makes or starts an instance.
{ lib, config, pkgs, ... }:
let
  inherit (lib) types mkOption;
  inherit (config.nixpkgs.hostPlatform) system;
  cpu = config.nixpkgs.hostPlatform.parsed.cpu.name;
  cfg = config.virtualisation.lxc;

  template = {
    options = {
      enable = lib.mkEnableOption "this template";
      target = mkOption { type = types.path; description = "The file in the container."; };
      template = mkOption { type = types.path; description = "The file to fill in."; };
      when = mkOption { type = types.listOf types.str; description = "Events that write the file: create, copy, start."; };
      properties = mkOption { type = types.attrs; default = { }; description = "More properties."; };
    };
  };
  templates = lib.filterAttrs (_: t: t.enable) cfg.templates;

  # JSON is YAML. The creation date must be there and must not depend on the day.
  metadata = builtins.toJSON {
    architecture = cpu;
    creation_date = 1;
    properties = {
      description = "${config.system.nixos.distroName} ${config.system.nixos.codeName} ${config.system.nixos.label} ${system}";
      os = config.system.nixos.distroId;
      release = config.system.nixos.codeName;
    };
    templates = lib.mapAttrs' (name: t: lib.nameValuePair (toString t.target) {
      inherit (t) when properties;
      template = "${name}.tpl";
    }) templates;
  };
in
{
  options.virtualisation.lxc.templates = mkOption {
    type = types.attrsOf (types.submodule template);
    default = { };
    example = lib.literalExpression ''
      { hostname = { enable = true; target = "/etc/hostname"; template = builtins.toFile "hostname.tpl" "{{ container.name }}"; when = [ "create" ]; }; }
    '';
    description = "Files that Incus writes from templates.";
  };
  config.system.build.metadata = pkgs.runCommand "tarball" {
    inherit metadata;
    passAsFile = [ "metadata" ];
    nativeBuildInputs = [ pkgs.imageTools ];
  } ''
    mkdir -p $out/tarball image
    cp $metadataPath image/metadata.yaml
    ${lib.optionalString (templates != { }) "mkdir image/templates"}
    ${builtins.concatStringsSep "\n" (lib.mapAttrsToList (name: t: "cp ${t.template} image/templates/${lib.escapeShellArg name}.tpl") templates)}
    ${pkgs.imageTools}/bin/tar --create --file=metadata.tar --format=gnu --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --mode=u+rw,go+r \
      -C image $(ls image)
    zstd --format=xz -q -o $out/tarball/nixos-system-${system}.tar.xz metadata.tar
  '';
}
