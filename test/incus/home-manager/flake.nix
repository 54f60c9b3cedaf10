# As much of home-manager as a switch needs, with its interface: options, and an activation script that does what home-manager's does in the
# same order and with the same words. Its nixpkgs is whatever the packages come from.
{
  description = "A home-manager that activates";

  outputs =
    { self }:
    {
      lib.homeManagerConfiguration =
        {
          pkgs,
          modules,
          extraSpecialArgs ? { },
        }:
        let
          evaluated = pkgs.lib.evalModules {
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
