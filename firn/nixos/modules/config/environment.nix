# Files in /etc, the packages of the system, and variables of login shells.
{ lib, config, pkgs, ... }:
let
  inherit (lib) types mkOption;
  cfg = config.environment;

  etcFile = { name, config, options, ... }: {
    options = {
      enable = mkOption { type = types.bool; default = true; description = "Whether to make this file."; };
      target = mkOption { type = types.str; default = name; description = "Its path below /etc."; };
      text = mkOption { type = types.nullOr types.lines; default = null; description = "What is in it."; };
      source = mkOption { type = types.path; description = "The file or directory to link to."; };
      mode = mkOption {
        type = types.str;
        default = "symlink";
        example = "0600";
        description = "`symlink`, or the mode of a copy.";
      };
      uid = mkOption { type = types.int; default = 0; description = "The owner of a copy."; };
      gid = mkOption { type = types.int; default = 0; description = "The group of a copy."; };
      user = mkOption { type = types.str; default = "+${toString config.uid}"; description = "The owner of a copy by name, or as `+UID`."; };
      group = mkOption { type = types.str; default = "+${toString config.gid}"; description = "The group of a copy by name, or as `+GID`."; };
      base = mkOption {
        type = types.bool;
        default = false;
        internal = true;
        description = "Whether the file belongs to a whole system, so that it is left alone on one that firn did not boot.";
      };
    };
    config.source = lib.mkIf (config.text != null) (lib.mkDerivedConfig options.text (pkgs.writeText "etc-${baseNameOf name}"));
  };

  files = builtins.filter (file: file.enable) (builtins.attrValues cfg.etc);
  owner = text: lib.removePrefix "+" text;
  etc = pkgs.runCommand "etc" {
    # mode, owner, group, whether it belongs to a whole system, and the path, for `activate`
    list = lib.concatMapStrings (file: "${file.mode} ${owner file.user} ${owner file.group} ${if file.base then "base" else "own"} ${file.target}\n") files;
    passAsFile = [ "list" ];
  } ''
    mkdir -p $out/etc
    cp $listPath $out/list
    link() {
      mkdir -p "$out/etc/$(dirname "$2")"
      if [ -e "$out/etc/$2" ]; then echo "environment.etc: $2 is made twice, or below a file" >&2; exit 1; fi
      ln -s "$1" "$out/etc/$2"
    }
    ${lib.concatMapStrings (file: "link ${lib.escapeShellArgs [ "${file.source}" file.target ]}\n") files}
  '';
in
{
  options.environment = {
    etc = mkOption {
      type = types.attrsOf (types.submodule etcFile);
      default = { };
      example = lib.literalExpression ''{ motd.text = "hello"; "app/key" = { source = ./key; mode = "0600"; }; }'';
      description = "Files in /etc, by their path.";
    };
    systemPackages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      example = lib.literalExpression "[ pkgs.hello ]";
      description = "Packages whose programs are in /run/current-system/sw/bin.";
    };
    pathsToLink = mkOption { type = types.listOf types.str; default = [ ]; description = "Directories of packages to link into the system, beside bin, sbin, lib, share and etc."; };
    variables = mkOption {
      type = types.attrsOf (types.oneOf [ types.str types.int types.path (types.listOf types.str) ]);
      default = { };
      apply = builtins.mapAttrs (_: value: if builtins.isList value then builtins.concatStringsSep ":" value else toString value);
      description = "Variables of login shells.";
    };
    sessionVariables = mkOption { type = types.attrsOf types.str; default = { }; description = "More variables of login shells."; };
    shellInit = mkOption { type = types.lines; default = ""; description = "Shell commands for /etc/profile."; };
  };
  options.time.timeZone = mkOption {
    type = types.nullOr types.str;
    default = null;
    example = "Europe/Berlin";
    description = "The time zone, as /etc/timezone and TZ of login shells.";
  };

  config = {
    environment.systemPackages = [ pkgs.busybox ];
    environment.variables = config.environment.sessionVariables // lib.optionalAttrs (config.time.timeZone != null) { TZ = config.time.timeZone; };
    environment.etc.profile = {
      base = true;
      text = ''
        export PATH=/run/current-system/sw/bin''${PATH:+:$PATH}
        ${builtins.concatStringsSep "\n" (lib.mapAttrsToList (name: value: "export ${name}=${lib.escapeShellArg value}") cfg.variables)}
        ${cfg.shellInit}
      '';
    };
    environment.etc.timezone = lib.mkIf (config.time.timeZone != null) { base = true; text = "${toString config.time.timeZone}\n"; };

    system.path = pkgs.buildEnv {
      name = "system-path";
      paths = cfg.systemPackages;
      pathsToLink = [ "/bin" "/sbin" "/lib" "/share" "/etc" ] ++ cfg.pathsToLink;
    };
    system.build.etc = etc;
  };
}
