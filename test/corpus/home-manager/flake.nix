{
  description = "People at home on a host, twice";

  inputs = {
    nixpkgs.url = "@NIXPKGS@";
    home-manager.url = "@HOME_MANAGER@";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, home-manager, ... }:
    {
      nixosConfigurations.family = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          home-manager.nixosModules.home-manager
          ./hosts/family.nix
        ];
      };
    };
}
