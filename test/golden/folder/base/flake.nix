# Just enough of nixpkgs for the generated flake to evaluate: a machine is made of its name and its modules' attributes.
{
  description = "base";
  outputs =
    { self }:
    let
      package = system: name: derivation { inherit system name; builder = "/bin/sh"; args = [ name ]; };
      lib = {
        optional = condition: value: if condition then [ value ] else [ ];
        mkIf = _: content: content;
        mkDefault = content: content;
        mkOverride = _: content: content;
        mkOptionDefault = _: { priority = 1500; };
        nixosSystem =
          { system, modules, specialArgs }:
          let
            load = module: if builtins.isPath module || builtins.isString module then import module else module;
            call = module: if builtins.isFunction module then module args else module;
            open = module: let body = call (load module); in [ body ] ++ builtins.concatMap open (body.imports or [ ]);
            name = builtins.concatStringsSep "-" (map (body: body._file or "none") (builtins.concatMap open modules));
            made = part: package system (builtins.replaceStrings [ "/" ] [ "." ] "${name}-${part}");
            args = specialArgs // {
              inherit lib;
              config = { networking.hostName = "base"; };
              options.nixpkgs = { };
              pkgs = self.legacyPackages.${system};
              modulesPath = ./modules;
            };
          in
          { config.system.build = { toplevel = made "toplevel"; tarball = made "tarball"; metadata = made "metadata"; }; };
      };
    in
    {
      inherit lib;
      legacyPackages = builtins.listToAttrs (
        map (system: {
          name = system;
          value = { jq = package system "jq"; mkShell = args: package system "shell-${toString (args.packages or [ ])}"; };
        }) [ "x86_64-linux" "aarch64-linux" ]
      );
    };
}
