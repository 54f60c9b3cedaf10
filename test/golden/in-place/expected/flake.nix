# Written by floe from floe.config.ts; edit that file and run "floe synth".
{
  description = "A container that is updated in place, and one that is not";
  inputs.nixpkgs.url = "github:nixos/nixpkgs/nixos-26.05";

  outputs =
    inputs:
    let
      # Machines that agree on system, config and overlays share one instance of nixpkgs.
      pkgsFor.x86_64-linux = import inputs.nixpkgs { system = "x86_64-linux"; };
      sharing = import ./nix/sharing.nix;

      # Every module can ask for `inputs`.
      nixos =
        { system, modules }:
        inputs.nixpkgs.lib.nixosSystem {
          inherit system modules;
          specialArgs = { inherit inputs; };
        };

      # Many instances may be made of one image, so Incus gives each its name.
      instance =
        { lib, ... }:
        {
          _file = "flake.nix";
          networking.hostName = lib.mkOverride 1400 "";
        };

      containers = {
        db = {
          system = "x86_64-linux";
          modules = [
            (sharing pkgsFor.x86_64-linux)
            instance
            ./nix/containers/db.nix
          ];
        };
        web = {
          system = "x86_64-linux";
          modules = [
            (sharing pkgsFor.x86_64-linux)
            instance
            ./nix/containers/web.nix
          ];
        };
      };

      # The two parts of a container's image.
      rootfs = machine: machine.config.system.build.squashfs or machine.config.system.build.tarball;

      metadata =
        machine: machine.config.system.build.metadata or (import ./nix/image-metadata.nix machine);

      paths = package: { inherit (package) drvPath outPath; };

      image = machine: {
        rootfs = paths (rootfs machine);
        metadata = paths (metadata machine);
      };

      inPlace =
        machine:
        image machine
        // {
          root = paths (import ./nix/image-in-place.nix machine);
          toplevel = paths machine.config.system.build.toplevel;
        };
    in
    {
      nixosConfigurations = builtins.mapAttrs (_: nixos) containers;

      packages.x86_64-linux = {
        db = rootfs (nixos containers.db);
        db-metadata = metadata (nixos containers.db);
        web = rootfs (nixos containers.web);
        web-metadata = metadata (nixos containers.web);
      };

      # What floe asks for, all in one evaluation.
      # Each machine is forgotten once its derivation is known.
      floe = {
        hosts = { };
        images = builtins.mapAttrs (_: container: image (nixos container)) containers // {
          web = inPlace (nixos containers.web);
        };
        shells = { };
      };
    };
}
