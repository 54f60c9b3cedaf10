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
          self = flake.outputs { inherit self; } // { outPath = folder; };
        in
        self;

      inputs = flakeInputs // { nixpkgs = importFlake ./base; };

      # Every module can ask for `inputs`.
      nixos =
        system: modules:
        inputs.nixpkgs.lib.nixosSystem {
          inherit system modules;
          specialArgs = { inherit inputs; };
        };

      hosts.pi = nixos "aarch64-linux" [ ./nix/hosts/pi.nix ];

      containers = {
        game = nixos "x86_64-linux" [ ./nix/containers/game.nix ];
        pi-hole = nixos "aarch64-linux" [ ./nix/containers/pi-hole.nix ];
      };

      # The two parts of a container's image.
      rootfs = machine: machine.config.system.build.squashfs or machine.config.system.build.tarball;
      metadata = machine: machine.config.system.build.metadata;

      shells =
        system:
        let
          pkgs = inputs.nixpkgs.legacyPackages.${system};
          inherit (inputs.nixpkgs) lib;
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
      nixosConfigurations = hosts // containers;

      packages = {
        aarch64-linux = {
          pi-hole = rootfs containers.pi-hole;
          pi-hole-metadata = metadata containers.pi-hole;
        };
        x86_64-linux = {
          game = rootfs containers.game;
          game-metadata = metadata containers.game;
        };
      };

      devShells = {
        aarch64-linux = shells "aarch64-linux";
        x86_64-linux = shells "x86_64-linux";
      };

      # What floe asks for, all in one evaluation.
      floe = {
        hosts = builtins.mapAttrs (_: host: paths host.config.system.build.toplevel) hosts;
        images = builtins.mapAttrs (_: image) containers;
        shells = builtins.mapAttrs (_: paths) (shells "x86_64-linux");
      };
    };
}
