{
  config,
  lib,
  pkgs,
  ...
}:
let
  port = 8080;
in
{
  environment.etc.operators.text = builtins.toJSON {
    joined = [
      1
      2
      3
    ];
    updated = {
      a = 1;
      b.d = 3;
    };
    chosen = if !config.boot.isContainer then "yes" else "no";
    equal = [
      (config.networking.hostName == "nixos")
      true
      false
    ];
    has = [
      (config ? boot.isContainer)
      (pkgs ? htopp)
    ];
    got = [
      (pkgs.htopp or "none")
      1
    ];
    mapped = map (x: x * 2 - 1) [
      1
      2
    ];
    shared = {
      listen = [
        port
        port
      ];
      text = "${config.networking.hostName}:${toString port}";
    };
    float = 0.5;
  };
  boot.kernelParams = [ "a" ] ++ lib.optionals true [ "b" ];
}
