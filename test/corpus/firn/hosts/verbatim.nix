{
  config,
  lib,
  pkgs,
  ...
}:
{
  boot.kernelParams = [
    "quiet"
    "loglevel=3"
  ];
  environment.etc = {
    filtered.text = builtins.toJSON {
      a = 1;
      c = "3";
    };
    antiquoted.text = "in ''a ${pkgs.hello.name}'' 5 and \\ \n";
    multi.text = ''
      indented ${config.networking.hostName}
        deeper 1 '''
    '';
    made.text = "3";
    "with".text = "Y,X";
  };
}
