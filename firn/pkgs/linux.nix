# Stands for a kernel: firn boots none. Systems differ by it as NixOS' do, so that what asks for a reboot can be tried.
{ lib, runCommand }:
let
  kernel = version: runCommand "linux-${version}" {
    pname = "linux";
    inherit version;
    passthru = { modDirVersion = version; isKernel = true; };
  } ''
    mkdir -p $out
    echo "not a kernel: ${version}" >$out/bzImage
  '';
  packagesFor = kernel: lib.makeExtensible (_: { inherit kernel; });
in
{
  linux = kernel "6.12.9";
  linux_latest = kernel "6.18.2";
  inherit packagesFor;
}
