# Written by floe from floe.config.ts; edit that file and run "floe synth".
{
  description = "A base in the project itself, for \"two\" systems";

  outputs =
    flakeInputs:
    let
      # An input that is a folder of this project is imported as it is: there is nothing to lock.
      importFlake =
        folder:
        let
          flake = import (folder + "/flake.nix");
          self = flake.outputs { inherit self; } // {
            outPath = folder;
          };
        in
        self;

      inputs = flakeInputs // {
        nixpkgs = importFlake ./base;
      };

      inherit (inputs.nixpkgs) lib;

      # Machines that agree on system, config and overlays share one instance of nixpkgs.
      pkgsFor = {
        aarch64-linux = import inputs.nixpkgs { system = "aarch64-linux"; };
        x86_64-linux = import inputs.nixpkgs { system = "x86_64-linux"; };
      };

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

      hosts.pi = {
        system = "aarch64-linux";
        modules = [
          (sharing pkgsFor.aarch64-linux)
          ./nix/hosts/pi.nix
        ];
      };

      containers = {
        game = {
          system = "x86_64-linux";
          modules = [
            (sharing pkgsFor.x86_64-linux)
            instance
            ./nix/containers/game.nix
          ];
        };
        pi-hole = {
          system = "aarch64-linux";
          modules = [
            (sharing pkgsFor.aarch64-linux)
            instance
            ./nix/containers/pi-hole.nix
          ];
        };
      };

      # The two parts of a container's image.
      rootfs = machine: machine.config.system.build.squashfs or machine.config.system.build.tarball;

      metadata =
        machine: machine.config.system.build.metadata or (import ./nix/image-metadata.nix machine);

      shells =
        system:
        let
          pkgs = pkgsFor.${system};
        in
        {
          aws = pkgs.mkShell {
            packages = lib.optional true pkgs.jq;
            shellHook = ''
              export AWS_PROFILE="''${AWS_PROFILE:-me}"
              echo "profile $AWS_PROFILE"
            '';
          };

          default = pkgs.mkShell { packages = [ pkgs.jq ]; };
        };

      paths = package: { inherit (package) drvPath outPath; };

      image = machine: {
        rootfs = paths (rootfs machine);
        metadata = paths (metadata machine);
      };
    in
    {
      nixosConfigurations = builtins.mapAttrs (_: nixos) (hosts // containers);

      packages = {
        aarch64-linux = {
          pi-hole = rootfs (nixos containers.pi-hole);
          pi-hole-metadata = metadata (nixos containers.pi-hole);
        };
        x86_64-linux = {
          game = rootfs (nixos containers.game);
          game-metadata = metadata (nixos containers.game);
        };
      };

      devShells = {
        aarch64-linux = shells "aarch64-linux";
        x86_64-linux = shells "x86_64-linux";
      };

      # What floe asks for, all in one evaluation.
      # Each machine is forgotten once its derivation is known.
      floe = {
        hosts = builtins.mapAttrs (_: host: paths (nixos host).config.system.build.toplevel) hosts;
        images = builtins.mapAttrs (_: container: image (nixos container)) containers;
        shells = builtins.mapAttrs (_: paths) (shells "x86_64-linux");
      };
    };
}
