# Services: commands that firn's init keeps running. The options are those of NixOS' `systemd.services` that make sense
# without systemd; `serviceConfig` takes any other key too, which has no effect.
{ lib, config, pkgs, ... }:
let
  inherit (lib) types mkOption;

  words = types.coercedTo types.package toString types.str;
  strings = types.listOf types.str;
  seconds = types.either types.ints.unsigned types.str;
  command = types.coercedTo (types.listOf words) (builtins.concatStringsSep "\n") words;

  serviceConfig = types.submodule {
    freeformType = types.attrsOf types.anything;
    options = {
      Type = mkOption { type = types.enum [ "simple" "exec" "oneshot" "notify" "forking" "idle" ]; default = "simple"; description = "`oneshot`: runs once, and what follows waits for it. All others: runs on."; };
      ExecStart = mkOption { type = types.nullOr command; default = null; description = "The command, as the shell reads it."; };
      ExecStartPre = mkOption { type = types.nullOr command; default = null; description = "Commands before it."; };
      ExecStopPost = mkOption { type = types.nullOr command; default = null; description = "Commands after it has stopped."; };
      User = mkOption { type = types.nullOr types.str; default = null; description = "Who runs it. Null: root."; };
      WorkingDirectory = mkOption { type = types.nullOr (types.either types.path types.str); default = null; description = "Where it runs. Null: /."; };
      StateDirectory = mkOption { type = types.nullOr types.str; default = null; description = "Directories below /var/lib that are its own."; };
      TimeoutStopSec = mkOption { type = types.either types.ints.unsigned types.str; default = 5; description = "How long it may take to stop, in whole seconds, before it is killed."; };
      Restart = mkOption { type = types.enum [ "no" "always" "on-failure" "on-success" "on-abnormal" "on-abort" "on-watchdog" ]; default = "no"; description = "When it is started again."; };
      RestartSec = mkOption { type = seconds; default = "0.1"; description = "How long to wait before, in seconds."; };
    };
  };

  service = { name, config, ... }: {
    options = {
      enable = mkOption { type = types.bool; default = true; description = "Whether the service exists."; };
      description = mkOption { type = types.str; default = ""; description = "What it is."; };
      wantedBy = mkOption { type = strings; default = [ ]; description = "`[ \"multi-user.target\" ]`: starts with the system."; };
      requiredBy = mkOption { type = strings; default = [ ]; description = "As `wantedBy`."; };
      after = mkOption { type = strings; default = [ ]; description = "Services that start earlier."; };
      before = mkOption { type = strings; default = [ ]; description = "Services that start later."; };
      requires = mkOption { type = strings; default = [ ]; description = "No effect in firn."; };
      wants = mkOption { type = strings; default = [ ]; description = "No effect in firn."; };
      path = mkOption { type = types.listOf (types.oneOf [ types.package types.str ]); default = [ ]; description = "Packages whose programs it finds."; };
      environment = mkOption { type = types.attrsOf (types.nullOr (types.oneOf [ types.str types.path types.package ])); default = { }; description = "Its variables."; };
      script = mkOption { type = types.lines; default = ""; description = "Shell commands to run, in place of `ExecStart`."; };
      preStart = mkOption { type = types.lines; default = ""; description = "Shell commands before it."; };
      postStop = mkOption { type = types.lines; default = ""; description = "Shell commands after it has stopped."; };
      restartIfChanged = mkOption { type = types.bool; default = true; description = "Whether a switch restarts it when it has changed."; };
      restartTriggers = mkOption { type = types.listOf types.unspecified; default = [ ]; description = "Values whose change restarts it."; };
      stopIfChanged = mkOption { type = types.bool; default = true; description = "No effect in firn."; };
      unitConfig = mkOption { type = types.attrsOf types.anything; default = { }; description = "No effect in firn."; };
      serviceConfig = mkOption { type = serviceConfig; default = { }; description = "How it runs."; };
    };
  };

  enabled = lib.filterAttrs (_: s: s.enable) config.systemd.services;
  short = lib.removeSuffix ".service";
  comesBefore = a: b: builtins.elem a.name (map short b.after) || builtins.elem b.name (map short a.before);
  sorted = lib.toposort comesBefore (lib.mapAttrsToList (name: s: s // { inherit name; }) enabled);
  order = if sorted ? cycle then throw "The services start after one another in a circle: ${lib.concatMapStringsSep ", " (s: s.name) sorted.cycle}" else sorted.result;
  autostart = builtins.filter (s: s.wantedBy ++ s.requiredBy != [ ]) order;

  secondsOf = value: let text = toString value; in
    if builtins.match "[0-9.]+" text != null then text
    else if lib.hasSuffix "ms" text then "0.${lib.fixedWidthString 3 "0" (lib.removeSuffix "ms" text)}"
    else if lib.hasSuffix "s" text then lib.removeSuffix "s" text
    else throw "`${text}' is not a time that firn reads; write seconds, as 5 or \"500ms\"";

  # What a service runs in: variables, directory, user.
  header = s: shellLines ([
    "#!${pkgs.busybox}/bin/sh"
    "# ${s.name}${lib.optionalString (s.description != "") ": ${s.description}"}"
    "set -e"
    "export PATH=${lib.makeBinPath (s.path ++ [ pkgs.busybox ])}"
  ] ++ lib.mapAttrsToList (name: value: "export ${name}=${lib.escapeShellArg value}") (lib.filterAttrs (_: v: v != null) s.environment));
  asUser = s: words: if s.serviceConfig.User == null then "exec ${words}" else "exec su -s ${pkgs.busybox}/bin/sh ${lib.escapeShellArg s.serviceConfig.User} -c ${lib.escapeShellArg "exec ${words}"}";
  # Without the signs that systemd reads before a command. (A regular expression would lose what the text depends on.)
  plain = text: if builtins.elem (builtins.substring 0 1 text) [ "-" "+" "!" "@" ":" ] then plain (builtins.substring 1 (-1) text) else text;
  # Shell lines without the empty ones.
  shellLines = parts: lib.concatMapStrings (part: "${part}\n") (builtins.filter (part: part != "") parts);

  unit = s:
    let
      cfg = s.serviceConfig;
      directories = builtins.filter (d: d != "") (lib.splitString " " (lib.optionalString (cfg.StateDirectory != null) cfg.StateDirectory));
    in
    pkgs.runCommand "unit-${lib.strings.sanitizeDerivationName s.name}" {
      main = header s + shellLines [ (if s.script != "" then s.script else "exec ${plain (toString cfg.ExecStart)}") ];
      run = header s + shellLines (
        lib.concatMap (d: [
          "mkdir -p /var/lib/${d}"
          (lib.optionalString (cfg.User != null) "chown ${lib.escapeShellArg cfg.User} /var/lib/${d}")
        ]) directories
        ++ [
          (lib.optionalString (directories != [ ]) "export STATE_DIRECTORY=${lib.concatMapStringsSep ":" (d: "/var/lib/${d}") directories}")
          "cd ${lib.escapeShellArg (if cfg.WorkingDirectory == null then "/" else cfg.WorkingDirectory)}"
          (lib.optionalString (cfg.ExecStartPre != null) "(${plain (toString cfg.ExecStartPre)})")
          (lib.optionalString (s.preStart != "") "(\n${s.preStart}\n)")
          (asUser s "@out@/main")
        ]);
      stopped = header s + shellLines [ s.postStop (lib.optionalString (cfg.ExecStopPost != null) (plain cfg.ExecStopPost)) ];
      settings = ''
        type=${if cfg.Type == "oneshot" then "oneshot" else "simple"}
        restart=${if cfg.Restart == "always" then "always" else if cfg.Restart == "no" then "no" else "on-failure"}
        delay=${secondsOf cfg.RestartSec}
        patience=${secondsOf cfg.TimeoutStopSec}
        restart_if_changed=${lib.boolToYesNo s.restartIfChanged}
        after_stop=${lib.optionalString (s.postStop != "" || cfg.ExecStopPost != null) "yes"}
      '';
      triggers = builtins.hashString "sha256" (builtins.toJSON (map toString s.restartTriggers));
      passAsFile = [ "run" "main" "stopped" "settings" ];
    } ''
      mkdir $out
      sed "s|@out@|$out|" $runPath >$out/run
      cp $mainPath $out/main
      cp $stoppedPath $out/stopped
      cp $settingsPath $out/settings
      chmod 755 $out/run $out/main $out/stopped
      for script in $out/run $out/main $out/stopped; do sh -n $script; done
      echo $triggers >$out/triggers
    '';

  runtime = pkgs.runCommand "firn-runtime" { } ''
    mkdir -p $out/bin
    script() {
      { printf '#!%s\nexport PATH=%s\n' ${pkgs.busybox}/bin/sh "$out/bin:${pkgs.busybox}/bin:/run/current-system/sw/bin:/usr/bin:/bin"; printf 'supervise=%s\n' $out/bin/firn-supervise; cat $2; } >$out/bin/$1
      chmod 755 $out/bin/$1
    }
    script firn-service ${builtins.toFile "firn-service.sh" (builtins.readFile ../../runtime/firn-service.sh)}
    script firn-supervise ${builtins.toFile "firn-supervise.sh" (builtins.readFile ../../runtime/firn-supervise.sh)}
  '';
in
{
  options.systemd = {
    services = mkOption {
      type = types.attrsOf (types.submodule service);
      default = { };
      example = lib.literalExpression ''{ hello = { wantedBy = [ "multi-user.target" ]; script = "while sleep 60; do echo hello; done"; }; }'';
      description = "Services by name.";
    };
    tmpfiles = mkOption { type = types.attrsOf types.anything; default = { }; description = "No effect in firn."; };
    targets = mkOption { type = types.attrsOf types.anything; default = { }; description = "No effect in firn."; };
  };
  config = {
    assertions = lib.mapAttrsToList (name: s: {
      assertion = s.script != "" || s.serviceConfig.ExecStart != null;
      message = "The service `${name}' has neither a `script' nor a `serviceConfig.ExecStart'.";
    }) enabled;
    environment.systemPackages = [ runtime ];
    system.build.runtime = runtime;
    system.build.units = pkgs.runCommand "units" { } ''
      mkdir $out
      cd $out
      ${lib.concatMapStrings (s: "ln -s ${unit s} ${lib.escapeShellArg s.name}\n") order}
      printf '%s' ${lib.escapeShellArg (lib.concatMapStrings (s: "${s.name}\n") order)} >order
      printf '%s' ${lib.escapeShellArg (lib.concatMapStrings (s: "${s.name}\n") autostart)} >autostart
    '';
  };
}
