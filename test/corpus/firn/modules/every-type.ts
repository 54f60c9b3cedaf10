import { module, nix, opt } from "floe";

/** One option of each type, and what they hold as JSON in /etc. */
export const everyType = module("lab.types", {
  options: {
    text: {
      str: opt.str(),
      lines: opt.lines(),
      commas: opt.commas(),
      envVar: opt.envVar(),
      matching: opt.strMatching("[a-z]+[0-9]*"),
      joined: opt.separatedString("-"),
      nonEmpty: opt.nonEmptyStr(),
      singleLine: opt.singleLineStr(),
    },
    numbers: {
      int: opt.int(),
      between: opt.int.between(1, 9),
      positive: opt.int.positive(),
      unsigned: opt.int.unsigned(),
      u8: opt.int.u8(),
      u16: opt.int.u16(),
      u32: opt.int.u32(),
      s8: opt.int.s8(),
      s16: opt.int.s16(),
      s32: opt.int.s32(),
      float: opt.float(),
      number: opt.number(),
      port: opt.port(),
    },
    others: {
      bool: opt.bool(),
      path: opt.path(),
      package: opt.package(),
      shell: opt.shellPackage(),
      enum: opt.enum(["a", "b", 3, null, true]),
      attrs: opt.attrs(),
      anything: opt.anything(),
      raw: opt.raw(),
      unspecified: opt.unspecified(),
      module: opt.deferredModule({ visible: "shallow" }),
    },
    composed: {
      list: opt.listOf(opt.str()),
      full: opt.nonEmptyListOf(opt.int()),
      sets: opt.attrsOf(opt.str()),
      lazy: opt.lazyAttrsOf(opt.str()),
      nothing: opt.nullOr(opt.str(), { example: "something" }),
      either: opt.either(opt.int(), opt.str()),
      one: opt.oneOf([opt.bool(), opt.int(), opt.enum(["one", "two"])]),
      only: opt.uniq(opt.str()),
      coerced: opt.coercedTo(opt.int(), (number) => nix`toString ${number}`, opt.str()),
      even: opt.addCheck(opt.int(), (number) => nix`lib.mod ${number} 2 == 0`),
      fn: opt.functionTo(opt.str()),
    },
  },
  config: ({ cfg, lib }) => ({
    environment: {
      etc: {
        types: {
          text: nix.toJSON({
            text: cfg.text,
            numbers: cfg.numbers,
            others: lib.removeAttrs(cfg.others, ["module"]),
            composed: nix.update(cfg.composed, { fn: cfg.composed.fn("called") }),
            modules: lib.length(cfg.others.module.$("imports")),
          }),
        },
      },
    },
  }),
});
