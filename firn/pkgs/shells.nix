# Dev shells: a derivation whose environment `nix develop` and `nix print-dev-env` read.
{ lib, stdenv, bash, system }:
let
  setup = builtins.toFile "shell-setup.sh" (builtins.readFile ./shell-setup.sh);

  fromInputs = field: inputs: lib.concatMap (input: input.${field} or [ ]) inputs;

  mkShell =
    { name ? "nix-shell", packages ? [ ], inputsFrom ? [ ], buildInputs ? [ ], nativeBuildInputs ? [ ], shellHook ? "", meta ? { }, passthru ? { }, env ? { }, ... }@args:
    let
      own = removeAttrs args [ "name" "packages" "inputsFrom" "buildInputs" "nativeBuildInputs" "shellHook" "meta" "passthru" "env" ];
      native = packages ++ nativeBuildInputs ++ fromInputs "nativeBuildInputs" inputsFrom;
      build = buildInputs ++ fromInputs "buildInputs" inputsFrom;
      hook = builtins.concatStringsSep "\n" (builtins.filter (text: text != "") (map (input: input.shellHook or "") inputsFrom ++ [ shellHook ]));
    in
    derivation (own // env // {
      inherit name system;
      builder = "${bash}/bin/bash";
      args = [ "-e" setup ];
      outputs = [ "out" ];
      stdenv = "${setupDirectory}";
      shellHook = hook;
      nativeBuildInputs = native;
      buildInputs = build;
      toolPath = lib.makeBinPath (native ++ build);
      shellPath = "${bash}/bin";
      preferLocalBuild = true;
      allowSubstitutes = false;
    }) // {
      inherit meta passthru;
      nativeBuildInputs = native;
      buildInputs = build;
      shellHook = hook;
      overrideAttrs = change: mkShell (args // lib.toFunction change args);
    };
  # nix sources `$stdenv/setup` to learn the environment.
  setupDirectory = stdenv.mkDerivation {
    name = "firn-shell-setup";
    buildCommand = "mkdir $out; cp ${setup} $out/setup";
    preferLocalBuild = true;
    allowSubstitutes = false;
  };
in
{
  inherit mkShell;
  mkShellNoCC = mkShell;
}
