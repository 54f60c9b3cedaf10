# `activate`: brings a running system to the configuration, step by step. It may run again at any time.
{ lib, config, pkgs, ... }:
let
  inherit (lib) types mkOption;
  scripts = config.system.activationScripts;

  script = types.submodule {
    options = {
      deps = mkOption { type = types.listOf types.str; default = [ ]; description = "Names of the steps that come before."; };
      text = mkOption { type = types.lines; description = "Shell commands; the first that fails ends the step."; };
      supportsDryActivation = mkOption { type = types.bool; default = false; description = "No effect in firn."; };
    };
  };
  named = lib.mapAttrsToList (name: s: s // { inherit name; }) scripts;
  sorted = lib.toposort (a: b: builtins.elem a.name b.deps) named;
  missing = lib.concatMap (s: map (dep: { inherit dep; inherit (s) name; }) (builtins.filter (dep: !(scripts ? ${dep})) s.deps)) named;
  order =
    if sorted ? cycle
    then throw "The activation scripts depend on each other in a circle: ${lib.concatMapStringsSep ", " (s: s.name) sorted.cycle}"
    else sorted.result;
in
{
  options.system.activationScripts = mkOption {
    type = types.attrsOf (types.coercedTo types.str (text: { inherit text; }) script);
    default = { };
    example = { hello.text = "echo hello"; };
    description = "Steps of the activation: shell commands, or `{ text, deps }`.";
  };
  config = {
    assertions = map (m: { assertion = false; message = "The activation script `${m.name}' depends on `${m.dep}', which does not exist."; }) missing;

    system.build.activationScripts = order;
    system.activationScripts = {
      etc.text = builtins.readFile ../../runtime/setup-etc.sh;
      # The directories and links that programs expect.
      base = {
        deps = [ "etc" ];
        text = ''
          [ -e /run/firn-booted ] || exit 0
          mkdir -p /bin /usr/bin /home /tmp /var/empty /var/lib /var/log /var/tmp /var/cache /run/lock
          chmod 0755 /var/empty
          chmod 1777 /tmp /var/tmp
          ln -sfn ${pkgs.busybox}/bin/sh /bin/sh
          ln -sfn ${pkgs.busybox}/bin/env /usr/bin/env
          [ -e /var/run ] || ln -s /run /var/run
        '';
      };
    };
  };
}
