{ pkgs, ... }:
{
  networking.hostName = "pi";
  environment.etc.system.text = pkgs.stdenv.hostPlatform.system;
  environment.systemPackages = [ pkgs.hello ];
}
