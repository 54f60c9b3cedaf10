{ pkgs, ... }:
{
  environment.systemPackages = with pkgs; [ hello ];
  environment.etc.banner.source = pkgs.banner;
}
