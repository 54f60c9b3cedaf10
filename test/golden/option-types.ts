// What the compiler knows of a module's own options. Checked by tsc, never run.
import { type Expr, module, type Nix, nix, opt } from "floe";

export const web = module("my.web", {
  options: ({ pkgs }) => ({
    enable: opt.bool({ default: false, description: "serve the site" }),
    domain: opt.str(),
    mode: opt.enum(["fast", "safe"], { default: "fast" }),
    workers: opt.int.between(1, 64, { default: 4 }),
    package: opt.package({ default: pkgs.hello }),
    limit: opt.nullOr(opt.port(), { default: null }),
    aliases: opt.listOf(opt.str(), { default: [] }),
    tls: { certificate: opt.path(), strict: opt.enable("strict mode") },
    sites: opt.attrsOf(opt.submodule({ root: opt.path(), port: opt.port({ default: 80 }) }), { default: {} }),
    raw: nix`lib.mkOption { }`,
    // Only Nix knows what it makes.
    upper: opt.str({ apply: (value) => nix`lib.toInt ${value}` }),
    any: opt.oneOf([opt.str(), opt.package()]),
  }),
  config: ({ cfg, lib }) => {
    const text: string = `${cfg.domain}${cfg.tls.certificate}`;
    const port: Nix<number> = cfg.sites["a"].port;
    const all: Expr = lib.mapAttrs((name, site) => [name, site.root], cfg.sites);
    const more = [cfg.package.version, cfg.raw.anything, cfg.aliases, cfg.tls.$("certificate")];
    // @ts-expect-error not an option of this module
    const wrong = cfg.enabel;
    // @ts-expect-error not an option of that group
    const deep = cfg.tls.certificat;
    // @ts-expect-error not an option of the submodule
    const inside = cfg.sites["a"].prot;
    // @ts-expect-error a reference is always true
    const chosen = cfg.enable ? 1 : 2;
    // @ts-expect-error never equal
    const same = cfg.mode === "fast";
    // @ts-expect-error a group is one too
    if (cfg.tls) return {};
    // @ts-expect-error a condition is no number
    const count: Nix<number> = cfg.enable;
    // @ts-expect-error nor is text, in a list
    const ports: Nix<readonly number[]> = cfg.aliases;
    const upper: readonly Nix<number>[] = [cfg.upper, cfg.any];
    return lib.mkIf(cfg.enable, { x: [text, port, all, more, wrong, deep, inside, chosen, same, count, ports, upper] });
  },
});

export const whole = module({
  options: { my: { web: { port: opt.port({ default: 80 }) } } },
  config: ({ cfg }) => {
    // @ts-expect-error not an option of this module
    const wrong = cfg.my.web.prot;
    return { x: [cfg.my.web.port, wrong] };
  },
});

export const inside = module("my.deep", {
  options: {
    names: opt.listOf(opt.enum(["a", "b"])),
    mode: opt.nullOr(opt.enum(["a", "b"])),
    maybe: opt.nullOr(opt.submodule({ deep: opt.str(), in: opt.submodule({ it: opt.int() }) })),
  },
  config: ({ cfg }) => {
    // @ts-expect-error not an option of the submodule that may be null
    const one = cfg.maybe.dep;
    // @ts-expect-error nor of the one in it
    const two = cfg.maybe.in.at;
    // @ts-expect-error never equal: only Nix knows which of the values it is
    const three = cfg.mode === "a";
    // @ts-expect-error a reference is always true
    const four = cfg.names ? 1 : 2;
    return { x: [one, two, three, four, cfg.maybe.in.it, cfg.maybe.deep] };
  },
});

// @ts-expect-error none of the values
opt.enum(["a", "b"], { default: "c" });
// @ts-expect-error no text
opt.str({ default: 1 });
// @ts-expect-error one element is no text
opt.listOf(opt.str(), { default: ["a", 1] });
// @ts-expect-error no setting of that name
opt.str({ defualt: "a" });
// @ts-expect-error not in the submodule
opt.submodule({ a: opt.int() }, { default: { b: 1 } });
opt.listOf(opt.str(), { default: ["a", nix`x`] });
opt.str({ default: nix`x`, apply: (value) => nix`lib.toUpper ${value}` });
opt.attrsOf(
  opt.submodule(({ name }) => ({
    freeformType: opt.anything(),
    options: { a: opt.str({ default: name }) },
    config: {},
  })),
);
