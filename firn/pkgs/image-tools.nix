# Debian's mksquashfs, unsquashfs, GNU tar and zstd, each started through the loader it was copied with.
# Needed to build images; no system refers to them.
{ lib, base, busybox, runCommand }:
runCommand "image-tools-${base.image-tools.version}" {
  pname = "image-tools";
  inherit (base.image-tools) version;
  meta = { description = "mksquashfs, unsquashfs, tar and zstd, from Debian"; mainProgram = "mksquashfs"; };
} ''
  mkdir -p $out/bin
  for program in ${base.image-tools}/libexec/*; do
    wrapper=$out/bin/''${program##*/}
    cat >$wrapper <<END
  #!${busybox}/bin/sh
  exec ${base.image-tools}/lib/ld.so --argv0 "\$0" --library-path ${base.image-tools}/lib $program "\$@"
  END
    chmod 755 $wrapper
  done
''
