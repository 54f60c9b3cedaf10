{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.home;
  files = pkgs.runCommand "home-manager-files" { } (
    ''
      mkdir $out
    ''
    + lib.concatMapStrings (name: ''
      mkdir -p "$(dirname "$out/${name}")"
      cat >"$out/${name}" <<'END'
      ${cfg.file.${name}.text}
      END
    '') (builtins.attrNames cfg.file)
  );
in
{
  options.home = {
    username = mkOption { type = types.str; };
    homeDirectory = mkOption {
      type = types.path;
      default = "/home/${cfg.username}";
    };
    packages = mkOption {
      type = types.listOf types.package;
      default = [ ];
    };
    file = mkOption {
      type = types.attrsOf (types.submodule { options.text = mkOption { type = types.lines; }; });
      default = { };
    };
    # A step after the files are linked.
    activation = mkOption {
      type = types.lines;
      default = "";
    };
    activationPackage = mkOption { type = types.package; };
  };
  config.home.activationPackage = pkgs.runCommand "home-manager-generation" { } ''
    mkdir $out
    ln -s ${files} $out/home-files
    mkdir $out/home-path
    ${lib.concatMapStrings (package: "ln -s ${package} $out/home-path/\n") cfg.packages}
    printf %s 26.05 >$out/hm-version
    {
      echo "#!/bin/sh"
      echo "username=${cfg.username} homeDirectory=${cfg.homeDirectory} newGenPath=$out"
      cat ${./activate.sh}
      cat <<'END'
    ${cfg.activation}
    END
    } >$out/activate
    chmod 755 $out/activate
  '';
}
