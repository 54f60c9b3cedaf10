{ pkgs, site, ... }:
{
  home = {
    username = "me";
    homeDirectory = "/srv/" + site;
    packages = [
      pkgs.hello
      pkgs.banner
    ];
  };
}
