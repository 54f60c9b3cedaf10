import { host, module, nix, opt } from "floe";

/** Options in several places of the tree, and options that Nix code declares. */
const places = module({
  options: ({ lib, pkgs }) => ({
    my: { greeting: opt.str({ default: `hello from ${pkgs.hello.name}`, defaultText: "a greeting" }) },
    services: {
      greeter: {
        enable: opt.enable("the greeter"),
        package: opt.packageFrom("hello"),
        words: opt.of<string>(nix`lib.types.passwdEntry lib.types.str`, { default: "hi" }),
        extra: lib.mkOption({ type: lib.types.attrs, default: {}, internal: true }),
      },
    },
  }),
  config: ({ cfg, lib }) => ({
    environment: {
      etc: {
        greeting: { text: `${cfg.my.greeting}\n${cfg.services.greeter.words}` },
        greeter: lib.mkIf(cfg.services.greeter.enable, { source: cfg.services.greeter.package }),
      },
    },
  }),
});

export default host({ imports: [places], services: { greeter: { enable: true } } });
