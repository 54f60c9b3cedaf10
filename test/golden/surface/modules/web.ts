import { module, nix } from "floe";

/** A module with options of its own. */
export const web = module(({ config, lib, pkgs }) => {
  const cfg = config.my.web;
  return {
    options: {
      my: {
        web: {
          enable: lib.mkEnableOption("the site"),
          domain: lib.mkOption({ type: lib.types.str, default: "example.org", description: "Its public name" }),
          workers: lib.mkOption({ type: lib.types.ints.between(1, 64), default: 4 }),
        },
      },
    },
    config: lib.mkIf(cfg.enable, {
      services: {
        nginx: {
          enable: true,
          virtualHosts: {
            [`${cfg.domain}`]: {
              forceSSL: true,
              root: `${pkgs.nix.doc}/share`,
              locations: { "/": {}, "~ \\.php$": { index: 'a "b"' } },
            },
          },
          appendHttpConfig: nix`lib.concatMapStrings (name: "server_name \${name}.${cfg.domain};\n") ${["a", "b"]}`,
        },
      },
      assertions: [
        { assertion: nix`${cfg.workers} < 32 || ${cfg.domain} != ""`, message: `too many workers for ${cfg.domain}` },
      ],
    }),
  };
});
