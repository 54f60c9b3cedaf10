# Packages as functions whose arguments can be changed later.
{ lib }:
rec {
  /** Calls `f args`, and gives the result `override`, which calls it again with other arguments. */
  makeOverridable = f: args:
    let
      result = f args;
      again = change: makeOverridable f (args // lib.toFunction change args);
    in
    if builtins.isAttrs result then result // {
      override = again;
      overrideDerivation = change: makeOverridable (a: (f a).overrideAttrs change) args;
    }
    else if builtins.isFunction result then lib.setFunctionArgs result (lib.functionArgs result) // { override = again; }
    else result;

  /** Calls a package function (or the file that holds one) with the arguments it names, from `scope`. */
  callPackageWith = scope: source: args:
    let
      f = if lib.isFunction source then source else import source;
      wanted = lib.functionArgs f;
      missing = builtins.filter (name: !wanted.${name} && !(scope ? ${name}) && !(args ? ${name})) (builtins.attrNames wanted);
      where = if lib.isFunction source then "a function" else toString source;
    in
    if missing != [ ]
    then throw "lib.customisation.callPackageWith: Function called without required argument \"${builtins.head missing}\" at ${where}"
    else makeOverridable f (builtins.intersectAttrs wanted scope // args);

  callPackagesWith = scope: source: args:
    builtins.mapAttrs (_: package: package) (removeAttrs (callPackageWith scope source args) [ "override" "overrideDerivation" ]);
  makeScope = newScope: f:
    let self = f self // { inherit newScope; callPackage = newScope self; overrideScope = g: makeScope newScope (lib.extends g f); }; in self;
}
