# A small web server: busybox' httpd, for files and CGI programs.
{ lib, config, pkgs, ... }:
let
  inherit (lib) types mkOption;
  cfg = config.services.httpd;
  listen = "${lib.optionalString (cfg.address != null) "${cfg.address}:"}${toString cfg.port}";

  program = name: value:
    if lib.isDerivation value || lib.isStorePath value then "${value}"
    else pkgs.writeShellScript (lib.strings.sanitizeDerivationName name) value;
  # `root` with the CGI programs beside it.
  tree = pkgs.runCommand "httpd-root" { } ''
    mkdir -p $out/cgi-bin
    ${lib.optionalString (cfg.root != null) ''
      for entry in ${cfg.root}/* ${cfg.root}/.[!.]*; do
        [ -e "$entry" ] && [ "''${entry##*/}" != cgi-bin ] && ln -s "$entry" $out/ || true
      done
      for entry in ${cfg.root}/cgi-bin/*; do [ ! -e "$entry" ] || ln -s "$entry" $out/cgi-bin/; done
    ''}
    ${builtins.concatStringsSep "\n" (lib.mapAttrsToList (name: value: "ln -sf ${program name value} $out/cgi-bin/${lib.escapeShellArg name}") programs)}
  '';
  # A path of the configuration is copied into the store by this, a path of the machine stays one.
  root = if cfg.cgi == { } then "${cfg.root}" else tree;
  # Written as a name or as the path that is asked for.
  programs = lib.mapAttrs' (name: lib.nameValuePair (lib.removePrefix "cgi-bin/" (lib.removePrefix "/" name))) cfg.cgi;
  settings = pkgs.writeText "httpd.conf" cfg.extraConfig;
in
{
  options.services.httpd = {
    enable = lib.mkEnableOption "busybox' web server";
    port = mkOption { type = types.port; default = 80; description = "The port to listen on."; };
    address = mkOption { type = types.nullOr types.str; default = null; example = "127.0.0.1"; description = "The address to listen on. Null: all of them."; };
    root = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = lib.literalExpression ''"''${pkgs.writeTextDir "index.html" "hello"}"'';
      description = "The directory to serve. Programs in its cgi-bin/ are run.";
    };
    cgi = mkOption {
      type = types.attrsOf (types.either types.package types.lines);
      default = { };
      example = { visits = "printf 'Content-Type: text/plain\\r\\n\\r\\nhello\\n'"; };
      description = ''
        CGI programs by name, answered at /cgi-bin/<name>: shell commands, or a program in the store.
        `index.cgi` answers / where `root` has no index.html.
      '';
    };
    environment = mkOption { type = types.attrsOf types.str; default = { }; description = "Variables of CGI programs."; };
    extraConfig = mkOption { type = types.lines; default = ""; example = ".svg:image/svg+xml"; description = "Lines for httpd.conf."; };
    user = mkOption { type = types.nullOr types.str; default = null; description = "Who runs it. Null: root."; };
  };
  config = lib.mkIf cfg.enable {
    assertions = [
      { assertion = cfg.root != null || cfg.cgi != { }; message = "services.httpd has nothing to serve: set `services.httpd.root' or `services.httpd.cgi'."; }
      { assertion = cfg.cgi == { } || cfg.root == null || builtins.isPath cfg.root || lib.hasPrefix "${builtins.storeDir}/" "${cfg.root}"; message = "services.httpd.cgi needs a `services.httpd.root' in the store; put the programs of ${toString cfg.root} into its own cgi-bin/."; }
    ];
    systemd.services.httpd = {
      description = "web server";
      wantedBy = [ "multi-user.target" ];
      inherit (cfg) environment;
      serviceConfig = {
        ExecStart = "httpd -f -p ${lib.escapeShellArg listen} -h ${lib.escapeShellArg root} -c ${settings}${lib.optionalString (cfg.user != null) " -u ${lib.escapeShellArg cfg.user}"}";
        Restart = "always";
      };
    };
  };
}
