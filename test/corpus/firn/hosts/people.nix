{ pkgs, ... }:
{
  users.users.me = {
    isNormalUser = true;
    home = "/home/me";
  };

  home-manager.users.me =
    { config, pkgs, ... }:
    {
      home.packages = [ pkgs.hello ];
      home.file.".profile".text = "export HOME=${config.home.homeDirectory}";
      home.sessionVariables.EDITOR = "vim";
      programs.git.enable = true;
    };
  home-manager.users.guest.home = {
    homeDirectory = "/tmp/guest";
    packages = [ pkgs.bash ];
  };
}
