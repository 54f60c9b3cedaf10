{
  description = "firn: a small base shaped like nixpkgs, for trying floe and for its tests";

  # Works as a flake, and imported in tree: `(import ./firn/flake.nix).outputs { self = …; }`.
  outputs =
    { self }:
    let
      lib = import ./lib;
      nixosSystem = import ./nixos/lib/eval-config.nix;
    in
    {
      lib = lib // {
        nixosSystem = args: nixosSystem ({ inherit lib; } // args);
      };
      legacyPackages = lib.genAttrs lib.systems.flakeExposed (system: import ./. { inherit system; });
    };
}
