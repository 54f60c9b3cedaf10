# What the web containers have in common, written in Nix: a module of either kind can be imported from TypeScript.
{ lib, ... }:
{
  # Empty: the name that Incus gives the instance.
  networking.hostName = lib.mkDefault "";
  services.httpd.enable = true;
}
