{ lib, pkgs, ... }:
{
  environment.etc = {
    motd.source = ../files/motd;
    site.source = ../files/site;
    page.text = builtins.readFile ../files/site/page.html;
    absolute.source = "/var/lib/absolute";
    relative.text = "./not-a-path";
    spaced.text = builtins.readFile (../files + "/with space/module.nix");
  };
  environment.systemPackages = [ (pkgs.callPackage ../pkgs/tool.nix { greeting = "paths"; }) ];
  systemd.services.serve.script = ''
    exec httpd -f -h ${../files/site}
  '';
}
