# Written by floe from hosts/crown.ts; edit that file and run "floe synth".
{
  _file = "hosts/crown.ts";

  networking.hostName = "crown";
  services.openssh.enable = true;
}
