# The modules that every system has.
[
  ./misc/assertions.nix
  ./misc/nixpkgs.nix
  ./misc/version.nix
  ./misc/declared.nix
  ./config/environment.nix
  ./config/networking.nix
  ./config/users.nix
  ./system/activation.nix
  ./system/build.nix
  ./system/kernel.nix
  ./system/toplevel.nix
  ./services/units.nix
  ./services/short.nix
  ./services/httpd.nix
]
