import { module, nix, opt } from "floe";

const field = opt.submodule({
  size: opt.int.unsigned(),
  crops: opt.attrsOf(opt.float(), { default: {} }),
});

/** Submodules of every kind: by name, in lists, alone, open, with a configuration of their own. */
export const farm = module("lab.farm", {
  options: {
    animals: opt.attrsOf(
      opt.submodule(({ name, config, lib }) => ({
        freeformType: opt.attrsOf(opt.str()),
        options: {
          nick: opt.str({ default: name }),
          kind: opt.enum(["beast", "bird"], { default: "beast" }),
          legs: opt.int.u8({ default: 2 }),
          sound: opt.str({ default: "", apply: (sound) => lib.toUpper(sound) }),
          tags: opt.listOf(opt.str(), { default: [] }),
        },
        config: { tags: lib.mkIf(nix.eq(config.legs, 0), ["rolls"]) },
      })),
      { default: {} },
    ),
    fields: opt.listOf(field, { default: [] }),
    barn: opt.nullOr(field, { default: null }),
  },
  config: ({ cfg }) => ({ environment: { etc: { farm: { text: nix.toJSON(cfg) } } } }),
});
