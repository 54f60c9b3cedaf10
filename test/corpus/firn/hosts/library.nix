{ config, lib, ... }:
let
  names = [
    "b"
    "a"
    "c"
  ];
in
{
  environment.etc = lib.mkMerge [
    (lib.genAttrs names (name: {
      text = "about ${name}";
    }))
    { given.text = "by reference"; }
    (lib.mkIf (config.networking.hostName == "nixos") { unnamed.text = "yes"; })
  ];
  environment.variables = {
    UPPER = "B,A,C";
    SORTED = "a b c";
    PIPED = toString (lib.stringLength "text");
    JSON = builtins.toJSON {
      some = [
        1
        true
        null
      ];
    };
    INI = lib.generators.toINI { } {
      section = {
        key = "value";
        list = 1;
      };
    };
    ESCAPED = lib.escapeShellArgs [
      "it's"
      "$HOME"
      config.networking.hostName
    ];
  };
}
