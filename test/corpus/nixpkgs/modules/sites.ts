import { module, nix, opt } from "floe";

/** Sites under the domain: each a folder, or what runs behind a proxy. */
export const sites = module({
  options: {
    site: {
      sites: opt.attrsOf(
        opt.submodule({
          root: opt.nullOr(opt.path(), { default: null }),
          upstream: opt.nullOr(opt.strMatching("https?://.*"), { default: null }),
          maxBody: opt.int.between(1, 1000, { default: 10, description: "Megabytes" }),
        }),
        { default: {} },
      ),
    },
  },
  config: ({ config, lib, domain }) => ({
    services: {
      nginx: {
        virtualHosts: lib.$("mapAttrs'")(
          (name, site) =>
            lib.nameValuePair(`${name}.${domain}`, {
              forceSSL: true,
              useACMEHost: domain,
              extraConfig: `client_max_body_size ${nix.toString(site.maxBody)}m;`,
              locations: {
                "/": nix.if(
                  nix.eq(site.upstream, null),
                  { root: site.root },
                  { proxyPass: site.upstream, proxyWebsockets: true },
                ),
              },
            }),
          config.site.sites,
        ),
      },
    },
  }),
});
