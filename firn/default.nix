# firn's packages for one system: `import firn { system = "x86_64-linux"; }`.
{
  system ? builtins.currentSystem,
  config ? { },
  overlays ? [ ],
  ...
}:
let
  lib = import ./lib;
  given = if builtins.isFunction config then config { inherit lib; pkgs = packages; } else config;
  settings = { allowUnfree = false; } // given;
  base = import ./pkgs { inherit lib system overlays; config = settings; path = ./.; };
  packages = lib.fix (builtins.foldl' (lib.flip lib.extends) base overlays)
    // { extend = overlay: import ./. { inherit system config; overlays = overlays ++ [ overlay ]; }; };
in
packages
