{ lib, ... }:
{
  environment.etc.plain.text = lib.mkDefault "plain";
}
