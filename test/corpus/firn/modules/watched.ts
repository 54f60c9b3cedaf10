import { module, nix, opt } from "floe";

/** Services made of a table, each watched by a second one. */
export const watched = module("lab.watched", {
  options: {
    enable: opt.enable("watched services"),
    ports: opt.listOf(opt.port(), { default: [9000], readOnly: true, internal: true }),
    services: opt.attrsOf(
      opt.submodule({
        command: opt.nonEmptyStr(),
        every: opt.int.positive({ default: 30, description: "Seconds" }),
        user: opt.nullOr(opt.str(), { default: null }),
      }),
      { default: {} },
    ),
  },
  config: ({ cfg, lib }) =>
    lib.mkIf(cfg.enable, {
      systemd: {
        services: lib.mkMerge([
          lib.mapAttrs(
            (name, service) => ({
              description: `the service ${name}`,
              wantedBy: ["multi-user.target"],
              serviceConfig: lib.mkMerge([
                { ExecStart: service.command, Restart: "always" },
                lib.mkIf(lib.isString(service.user), { User: service.user }),
              ]),
            }),
            cfg.services,
          ),
          lib.$("mapAttrs'")(
            (name, service) =>
              lib.nameValuePair(`${name}-watch`, {
                after: [`${name}.service`],
                script: `while sleep ${nix.toString(service.every)}; do firn-service status ${name}; done`,
              }),
            cfg.services,
          ),
        ]),
      },
    }),
});
