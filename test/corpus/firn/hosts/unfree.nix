{ pkgs, ... }:
{
  environment.etc.config.text = builtins.toJSON pkgs.config;
}
