# Debian's bash. Only dev shells use it: `nix develop` insists on a builder of that name.
{ lib, base, busybox, runCommand }:
runCommand "bash-${base.bash.version}" {
  pname = "bash";
  inherit (base.bash) version;
  passthru.shellPath = "/bin/bash";
  meta = { description = "Debian's bash, for dev shells"; mainProgram = "bash"; };
} ''
  mkdir -p $out/bin
  cat >$out/bin/bash <<END
  #!${busybox}/bin/sh
  exec ${base.bash}/lib/ld.so --argv0 "\$0" --library-path ${base.bash}/lib ${base.bash}/libexec/bash "\$@"
  END
  chmod 755 $out/bin/bash
''
