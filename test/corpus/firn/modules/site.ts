import { module, nix, opt, text } from "floe";

/** A site with options of its own, used by several hosts. */
export const site = module("lab.site", {
  imports: [nix.path("./plain.nix")],
  options: {
    enable: opt.enable("the site"),
    domain: opt.str({ example: "example.org", description: "Its name" }),
    level: opt.enum(["low", "high"], { default: "low" }),
    port: opt.port({ default: 8080 }),
    workers: opt.int.between(1, 64, { default: 4 }),
    motd: opt.lines({ default: "" }),
    aliases: opt.listOf(opt.str(), { default: [] }),
    tls: { certificate: opt.nullOr(opt.path(), { default: null }) },
  },
  config: ({ cfg, lib, pkgs }) =>
    lib.mkIf(cfg.enable, {
      environment: {
        systemPackages: [pkgs.hello],
        etc: {
          "lab/site.conf": {
            text: text`
              name = ${cfg.domain}
              port = ${nix.toString(cfg.port)}
              ${lib.optionalString(nix.eq(cfg.level, "high"), "verbose = yes")}
              aliases = ${lib.concatStringsSep(" ", cfg.aliases)}
            `,
          },
          "lab/motd": { text: cfg.motd },
          "lab/tls": lib.mkIf(nix`${cfg.tls.certificate} != null`, { source: cfg.tls.certificate }),
        },
      },
      systemd: {
        services: {
          [`site-${cfg.domain}`]: {
            wantedBy: ["multi-user.target"],
            environment: { WORKERS: nix.toString(cfg.workers) },
            script: "exec hello",
          },
        },
      },
    }),
});
