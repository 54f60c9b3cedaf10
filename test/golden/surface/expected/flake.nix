# Written by floe from floe.config.ts; edit that file and run "floe synth".
{
  description = "Every way to say something";

  inputs = {
    dotfiles = {
      url = "git+https://example.org/me/dotfiles";
      flake = false;
    };
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    nixpkgs.url = "github:nixos/nixpkgs/nixos-26.05";
  };

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

      hosts.crown = {
        system = "x86_64-linux";
        modules = [
          (sharing pkgsFor.x86_64-linux)
          inputs.home-manager.nixosModules.home-manager
          ./nix/hosts/crown.nix
        ];
      };

      containers.db = {
        system = "x86_64-linux";
        modules = [
          (sharing pkgsFor.x86_64-linux)
          instance
          ./nix/containers/db.nix
        ];
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
    in
    {
      nixosConfigurations = builtins.mapAttrs (_: nixos) (hosts // containers);

      packages.x86_64-linux = {
        db = rootfs (nixos containers.db);
        db-metadata = metadata (nixos containers.db);
      };

      # What floe asks for, all in one evaluation.
      # Each machine is forgotten once its derivation is known.
      floe = {
        hosts = builtins.mapAttrs (_: host: paths (nixos host).config.system.build.toplevel) hosts;
        images = builtins.mapAttrs (_: container: image (nixos container)) containers;
        shells = { };
      };
    };
}
