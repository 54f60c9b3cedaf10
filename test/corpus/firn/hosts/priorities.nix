{ lib, ... }:
{
  networking = {
    hostName = "priorities";
    domain = "example.com";
    nameservers = lib.mkForce [ ];
  };
  boot.kernelParams = [
    "first"
    "early"
    "middle"
    "late"
    "last"
  ];
  environment.shellInit = "default";
  environment.etc.a.text = "forced";
}
