# Written by floe from containers/counter.ts; edit that file and run "floe synth".
{ modulesPath, ... }:

{
  _file = "containers/counter.ts";

  imports = [
    (modulesPath + "/virtualisation/lxc-container.nix")
    ../modules/motd.nix
    ../../modules/site.nix
  ];

  services.httpd.cgi = {
    "index.cgi" = ''
      date -u >>/var/lib/counter/visits
      touch /var/lib/counter/visits
      printf 'Content-Type: text/plain\r\n\r\nVisits: %s\n' "$(wc -l </var/lib/counter/visits)"
    '';
    visits = ''
      touch /var/lib/counter/visits
      printf 'Content-Type: text/plain\r\n\r\nVisits: %s\n' "$(wc -l </var/lib/counter/visits)"
    '';
  };
}
