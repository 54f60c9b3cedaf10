# Sites under the domain: each a folder, or what runs behind a proxy.
{
  config,
  lib,
  domain,
  ...
}:

let
  inherit (lib) mkOption types;

  site.options = {
    root = mkOption {
      type = types.nullOr types.path;
      default = null;
    };
    upstream = mkOption {
      type = types.nullOr (types.strMatching "https?://.*");
      default = null;
    };
    maxBody = mkOption {
      type = types.ints.between 1 1000;
      default = 10;
      description = "Megabytes";
    };
  };
in
{
  options.site.sites = mkOption {
    type = types.attrsOf (types.submodule site);
    default = { };
  };

  config.services.nginx.virtualHosts = lib.mapAttrs' (
    name: site:
    lib.nameValuePair "${name}.${domain}" {
      forceSSL = true;
      useACMEHost = domain;
      extraConfig = "client_max_body_size ${toString site.maxBody}m;";
      locations."/" =
        if site.upstream == null then
          { inherit (site) root; }
        else
          {
            proxyPass = site.upstream;
            proxyWebsockets = true;
          };
    }
  ) config.site.sites;
}
