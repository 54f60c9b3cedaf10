{
  config,
  lib,
  pkgs,
  ...
}:
{
  imports = [ ../modules/site.nix ];

  networking.hostName = "web";
  networking.firewall.allowedTCPPorts = [
    config.services.httpd.port
    config.lab.site.port
  ];

  lab.site = {
    enable = true;
    domain = "web.example.org";
    level = "high";
    motd = "one\ntwo";
    tls.certificate = "${pkgs.writeText "certificate" "none"}";
  };

  services.httpd = {
    enable = true;
    port = 8081;
    root = pkgs.writeTextDir "index.html" "<h1>web</h1>";
    environment.TZ = "UTC";
    cgi.visits = ''
      n=$(($(cat /data/visits 2>/dev/null || echo 0) + 1))
      echo $n >/data/visits
      printf 'Content-Type: text/plain\r\n\r\n%s visits\n' $n
    '';
  };

  services.ticker = {
    script = "while sleep 60; do echo tick; done";
    restart = "on-failure";
  };
}
