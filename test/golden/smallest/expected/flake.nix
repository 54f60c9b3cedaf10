# Written by floe from floe.config.ts; edit that file and run "floe synth".
{
  description = "One host";
  inputs.nixpkgs.url = "github:nixos/nixpkgs/nixos-26.05";

  outputs =
    inputs:
    let
      # Every module can ask for `inputs`.
      nixos =
        { system, modules }:
        inputs.nixpkgs.lib.nixosSystem {
          inherit system modules;
          specialArgs = { inherit inputs; };
        };

      hosts.crown = {
        system = "x86_64-linux";
        modules = [ ./nix/hosts/crown.nix ];
      };

      paths = package: { inherit (package) drvPath outPath; };
    in
    {
      nixosConfigurations = builtins.mapAttrs (_: nixos) hosts;

      # What floe asks for, all in one evaluation.
      # Each machine is forgotten once its derivation is known.
      floe = {
        hosts = builtins.mapAttrs (_: host: paths (nixos host).config.system.build.toplevel) hosts;
        images = { };
        shells = { };
      };
    };
}
