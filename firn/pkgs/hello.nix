{ stdenv, version ? "1.0" }:
stdenv.mkDerivation {
  pname = "hello";
  inherit version;
  installPhase = ''
    mkdir -p $out/bin
    cat >$out/bin/hello <<END
    #!$initialPath/sh
    echo "\''${GREETING:-Hello, world!}"
    END
    chmod 755 $out/bin/hello
  '';
  meta = {
    description = "Says hello";
    mainProgram = "hello";
  };
}
