{
  modulesPath,
  lib,
  config,
  ...
}:
{
  imports = [
    ../modules/plain.nix
    ../modules/site.nix
    "${modulesPath}/virtualisation/lxc-image-metadata.nix"
  ];
  disabledModules = [ "services/httpd.nix" ];

  time.timeZone = "Europe/Berlin";

  environment.etc = {
    again.text = "once";
    inline.text = "a set";
    function.text = lib.toUpper config.networking.hostName;
    spaced.text = "from a folder with a space";
  };

  lab.site = {
    enable = true;
    domain = "example.org";
    motd = "one";
    aliases = [ "www.example.org" ];
  };
}
