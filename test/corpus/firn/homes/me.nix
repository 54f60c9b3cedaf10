{
  config,
  pkgs,
  site,
  ...
}:
{
  home.username = "me";
  home.packages = with pkgs; [ hello ];
  home.file.".site".text = "${site} of ${config.home.username}";
  programs.git.enable = true;
}
