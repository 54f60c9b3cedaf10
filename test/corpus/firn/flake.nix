{
  description = "The corpus: every host twice, in TypeScript and in Nix";

  inputs = {
    nixpkgs.url = "path:@INPUTS@/firn";
    home-manager = {
      url = "path:@INPUTS@/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    dotfiles = {
      url = "git+file://@INPUTS@/dotfiles";
      flake = false;
    };
    theme = {
      url = "file://@INPUTS@/theme.tar.gz";
      flake = false;
    };
    secrets = {
      url = "path:@INPUTS@/secrets";
      flake = false;
    };
  };

  outputs =
    {
      self,
      nixpkgs,
      home-manager,
      ...
    }@inputs:
    let
      inherit (nixpkgs) lib;

      forAllSystems =
        f: lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: f nixpkgs.legacyPackages.${system});

      nixos =
        file:
        {
          system ? "x86_64-linux",
          specialArgs ? { },
          modules ? [ ],
        }:
        lib.nixosSystem {
          inherit system;
          specialArgs = {
            inherit inputs;
            site = "lab";
          }
          // specialArgs;
          modules = [ file ] ++ modules;
        };

      withHome.modules = [ home-manager.nixosModules.home-manager ];
      withTools.modules = [ { nixpkgs.overlays = [ self.overlays.default ]; } ];
      # Incus names the instances of an image.
      container.modules = [ { networking.hostName = lib.mkOverride 1400 ""; } ];
    in
    {
      nixosConfigurations = {
        addresses = nixos ./hosts/addresses.nix { };
        assertions = nixos ./hosts/assertions.nix { };
        conditions = nixos ./hosts/conditions.nix { };
        declared = nixos ./hosts/declared.nix { };
        empty = nixos ./hosts/empty.nix { };
        facts = nixos ./hosts/facts.nix { };
        fleetmate = nixos ./hosts/fleetmate.nix { specialArgs.role = "db"; };
        functions = nixos ./hosts/functions.nix withTools;
        imports = nixos ./hosts/imports.nix { };
        inputs = nixos ./hosts/inputs.nix { };
        keys = nixos ./hosts/keys.nix { };
        library = nixos ./hosts/library.nix { };
        literals = nixos ./hosts/literals.nix { };
        operators = nixos ./hosts/operators.nix { };
        overlays = nixos ./hosts/overlays.nix withTools;
        own-overlays = nixos ./hosts/own-overlays.nix { };
        paths = nixos ./hosts/paths.nix { };
        people = nixos ./hosts/people.nix withHome;
        pi = nixos ./hosts/pi.nix { system = "aarch64-linux"; };
        priorities = nixos ./hosts/priorities.nix { };
        scripts = nixos ./hosts/scripts.nix { };
        services = nixos ./hosts/services.nix { };
        strings = nixos ./hosts/strings.nix { };
        submodules = nixos ./hosts/submodules.nix { };
        types = nixos ./hosts/types.nix { };
        unfree = nixos ./hosts/unfree.nix {
          modules = [
            {
              nixpkgs.config = {
                allowUnfree = true;
                cudaSupport = true;
                permittedInsecurePackages = [ "openssl-1.1.1w" ];
              };
            }
          ];
        };
        verbatim = nixos ./hosts/verbatim.nix { };
        web = nixos ./hosts/web.nix { };
        cache = nixos ./containers/cache.nix container;
        db = nixos ./containers/db.nix container;
        named = nixos ./containers/named.nix container;
      };

      homeConfigurations = {
        me = home-manager.lib.homeManagerConfiguration {
          pkgs = nixpkgs.legacyPackages.x86_64-linux;
          modules = [ ./homes/me.nix ];
          extraSpecialArgs = {
            inherit inputs;
            site = "lab";
          };
        };
        "me@fleetmate" = home-manager.lib.homeManagerConfiguration {
          pkgs = import nixpkgs {
            system = "aarch64-linux";
            overlays = [ self.overlays.default ];
          };
          modules = [ (./homes + "/me@fleetmate.nix") ];
          extraSpecialArgs = {
            inherit inputs;
            site = "elsewhere";
          };
        };
      };

      overlays.default = import ./overlays.nix;

      nixosModules = {
        site = ./modules/site.nix;
        plain = ./modules/plain.nix;
      };

      packages = forAllSystems (pkgs: {
        motd = pkgs.writeText "motd" "hello from ${pkgs.system}";
        tool = pkgs.callPackage ./pkgs/tool.nix { greeting = "hello"; };
      });

      checks = forAllSystems (pkgs: {
        inherit (self.packages.${pkgs.system}) tool;
        names = pkgs.writeText "names" "motd\ntool";
      });

      formatter = forAllSystems (pkgs: pkgs.hello);

      devShells = forAllSystems (import ./devshells.nix);
    };
}
