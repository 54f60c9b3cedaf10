{
  lib,
  role,
  site,
  ...
}:
{
  networking.hostName = site + "-" + role;
  environment.etc.role.text = lib.toUpper role;
}
