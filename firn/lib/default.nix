# firn's library: the functions of nixpkgs' `lib` that configurations commonly use, under the same names.
# It needs no package set and no system: `import ./lib`.
let
  fix = f: let self = f self; in self;
in
fix (
  lib:
  let
    call = file: import file { inherit lib; };
    parts = {
      trivial = call ./trivial.nix;
      lists = call ./lists.nix;
      attrsets = call ./attrsets.nix;
      strings = call ./strings.nix;
      generators = call ./generators.nix;
      options = call ./options.nix;
      modules = call ./modules.nix;
      systems = call ./systems.nix;
      customisation = call ./customisation.nix;
      types = call ./types.nix;
    };
  in
  parts
  // parts.trivial
  // parts.lists
  // parts.attrsets
  // parts.strings
  // parts.options
  // parts.modules
  // parts.customisation
  // {
    platforms = {
      linux = parts.systems.linux;
      all = parts.systems.linux;
      unix = parts.systems.linux;
    };
    licenses = import ./licenses.nix;
    maintainers = { };
    teams = { };
    inherit (parts.types) mkOptionType isType setType isOptionType;
    fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    fakeSha256 = "0000000000000000000000000000000000000000000000000000000000000000";
    version = parts.trivial.release;
  }
)
