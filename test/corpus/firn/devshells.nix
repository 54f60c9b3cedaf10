pkgs:
let
  inherit (pkgs) lib;
in
rec {
  default = pkgs.mkShell {
    packages = with pkgs; [ hello ];
    env = {
      LEVEL = "high";
      GREETING = "hello from ${pkgs.hello}";
    };
    shellHook = ''
      echo "level $LEVEL, home ''${HOME}"
    '';
  };

  docs = pkgs.mkShell {
    name = "docs";
    inputsFrom = [ default ];
    packages =
      with pkgs;
      [
        hello
        bash
      ]
      ++ lib.optional stdenv.hostPlatform.isLinux busybox;
  };

  whole = pkgs.mkShellNoCC {
    packages = [ pkgs.bash ];
    TERM = "dumb";
  };
}
