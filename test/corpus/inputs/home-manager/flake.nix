# As much of home-manager as the corpus needs, in its shape; the whole of it is tried on the real nixpkgs.
{
  description = "A small home-manager";

  outputs =
    { self, nixpkgs }:
    {
      nixosModules.home-manager = ./nixos.nix;
      lib.homeManagerConfiguration =
        {
          pkgs,
          modules,
          extraSpecialArgs ? { },
        }:
        let
          inherit (nixpkgs) lib;
          evaluated = lib.evalModules {
            modules = [ ./home.nix ] ++ modules;
            specialArgs = extraSpecialArgs // {
              inherit pkgs;
            };
          };
        in
        {
          inherit (evaluated) config;
          activationPackage = evaluated.config.home.activationPackage;
        };
    };
}
