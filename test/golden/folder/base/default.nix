# The packages of one system, as nixpkgs has them.
{ system }:
let
  self = (import ./flake.nix).outputs { inherit self; };
in
self.legacyPackages.${system}
