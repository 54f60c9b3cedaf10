# Written by floe from hosts/pi.ts; edit that file and run "floe synth".
{
  _file = "hosts/pi.ts";

  imports = [
    ../modules/site/greeting.nix
    ../modules/site/tools.nix
  ];
}
