# One option of each type, and what they hold as JSON in /etc.
{ config, lib, ... }:
let
  inherit (lib) types;
  cfg = config.lab.types;
  of = builtins.mapAttrs (_: type: lib.mkOption { inherit type; });
in
{
  options.lab.types = {
    text = of {
      inherit (types)
        str
        lines
        commas
        envVar
        ;
      matching = types.strMatching "[a-z]+[0-9]*";
      joined = types.separatedString "-";
      nonEmpty = types.nonEmptyStr;
      singleLine = types.singleLineStr;
    };
    numbers = of {
      inherit (types)
        int
        float
        number
        port
        ;
      inherit (types.ints)
        positive
        unsigned
        u8
        u16
        u32
        s8
        s16
        s32
        ;
      between = types.ints.between 1 9;
    };
    others = of {
      inherit (types)
        bool
        path
        package
        attrs
        anything
        raw
        unspecified
        ;
      shell = types.shellPackage;
      enum = types.enum [
        "a"
        "b"
        3
        null
        true
      ];
      module = types.deferredModule;
    };
    composed = of {
      list = types.listOf types.str;
      full = types.nonEmptyListOf types.int;
      sets = types.attrsOf types.str;
      lazy = types.lazyAttrsOf types.str;
      nothing = types.nullOr types.str;
      either = types.either types.int types.str;
      one = types.oneOf [
        types.bool
        types.int
        (types.enum [
          "one"
          "two"
        ])
      ];
      only = types.uniq types.str;
      coerced = types.coercedTo types.int toString types.str;
      even = types.addCheck types.int (n: lib.mod n 2 == 0);
      fn = types.functionTo types.str;
    };
  };

  config.environment.etc.types.text = builtins.toJSON {
    inherit (cfg) text numbers;
    others = removeAttrs cfg.others [ "module" ];
    composed = cfg.composed // {
      fn = cfg.composed.fn "called";
    };
    modules = lib.length cfg.others.module.imports;
  };
}
