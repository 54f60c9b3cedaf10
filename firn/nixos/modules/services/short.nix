# `services.<name>` for any name that no module declares: a command to keep running, in its short form. It becomes a
# `systemd.services.<name>`.
{ lib, config, options, ... }:
let
  inherit (lib) types mkOption;
  service = { name, config, ... }: {
    options = {
      enable = mkOption { type = types.bool; default = true; description = "Whether to run it."; };
      description = mkOption { type = types.str; default = name; description = "What it is."; };
      command = mkOption {
        type = types.nullOr (types.either types.str (types.listOf types.str));
        default = null;
        example = [ "/bin/app" "--port" "80" ];
        description = "The command: a list of words, or a line for the shell.";
      };
      script = mkOption { type = types.lines; default = ""; description = "Shell commands, in place of `command`."; };
      preStart = mkOption { type = types.lines; default = ""; description = "Shell commands before it."; };
      environment = mkOption { type = types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package types.int ])); default = { }; description = "Its variables."; };
      path = mkOption { type = types.listOf types.package; default = [ ]; description = "Packages whose programs it finds."; };
      user = mkOption { type = types.nullOr types.str; default = null; description = "Who runs it. Null: root."; };
      workingDirectory = mkOption { type = types.nullOr types.path; default = null; description = "Where it runs. Null: /."; };
      stateDirectory = mkOption { type = types.nullOr types.str; default = null; description = "A directory below /var/lib that is its own."; };
      restart = mkOption { type = types.enum [ "always" "on-failure" "no" ]; default = "always"; description = "When it is started again."; };
      restartDelay = mkOption { type = types.either types.ints.unsigned types.float; default = 1; description = "How long to wait before, in seconds."; };
      after = mkOption { type = types.listOf types.str; default = [ ]; description = "Services that start earlier."; };
    };
  };
  open = lib.filterAttrs (_: option: lib.isOption option && option.open or false && option.value.enable) options.services;
in
{
  options.services._open = mkOption {
    type = types.submodule service;
    description = "A command to keep running.";
    # Without one of these it is a misspelt name of a service that a module declares.
    accepts = builtins.any (value: lib.isFunction value || value ? script || value ? command);
  };
  config.systemd.services = builtins.mapAttrs (name: option:
    let s = option.value; in
    {
      inherit (s) description script preStart path after;
      environment = builtins.mapAttrs (_: v: if builtins.isInt v then toString v else v) s.environment;
      wantedBy = [ "multi-user.target" ];
      serviceConfig = {
        ExecStart = lib.mkIf (s.command != null) (if builtins.isList s.command then lib.escapeShellArgs s.command else s.command);
        User = s.user;
        WorkingDirectory = s.workingDirectory;
        StateDirectory = s.stateDirectory;
        Restart = s.restart;
        RestartSec = toString s.restartDelay;
      };
    }) open;
}
