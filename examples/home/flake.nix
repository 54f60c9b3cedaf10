# Written by floe from floe.config.ts; edit that file and run "floe synth".
{
  description = "A host and two containers to try floe with";

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
        nixpkgs = importFlake ./firn;
      };

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
          ./nix/hosts/crown.nix
        ];
      };

      containers = {
        counter = {
          system = "x86_64-linux";
          modules = [
            (sharing pkgsFor.x86_64-linux)
            instance
            ./nix/containers/counter.nix
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

      shells =
        system:
        let
          pkgs = pkgsFor.${system};
        in
        {
          default = pkgs.mkShell {
            packages = [ pkgs.hello ];
            shellHook = ''echo "hello from the dev shell of home"'';
          };
        };

      paths = package: { inherit (package) drvPath outPath; };

      image = machine: {
        rootfs = paths (rootfs machine);
        metadata = paths (metadata machine);
      };
    in
    {
      nixosConfigurations = builtins.mapAttrs (_: nixos) (hosts // containers);

      packages.x86_64-linux = {
        counter = rootfs (nixos containers.counter);
        counter-metadata = metadata (nixos containers.counter);
        web = rootfs (nixos containers.web);
        web-metadata = metadata (nixos containers.web);
      };

      devShells.x86_64-linux = shells "x86_64-linux";

      # What floe asks for, all in one evaluation.
      # Each machine is forgotten once its derivation is known.
      floe = {
        hosts = builtins.mapAttrs (_: host: paths (nixos host).config.system.build.toplevel) hosts;
        images = builtins.mapAttrs (_: container: image (nixos container)) containers;
        shells = builtins.mapAttrs (_: paths) (shells "x86_64-linux");
      };
    };
}
