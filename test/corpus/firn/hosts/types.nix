{ pkgs, ... }:
{
  imports = [
    ../modules/every-type.nix
    {
      lab.types.text = {
        lines = "two";
        commas = "b";
        envVar = "/b";
        joined = "y";
      };
    }
  ];

  lab.types.text = {
    str = "a";
    lines = "one";
    commas = "a";
    envVar = "/a";
    matching = "ab12";
    joined = "x";
    nonEmpty = "full";
    singleLine = "line";
  };

  lab.types.numbers = {
    int = -5;
    between = 7;
    positive = 1;
    unsigned = 0;
    u8 = 255;
    u16 = 65535;
    u32 = 4294967295;
    s8 = -128;
    s16 = -32768;
    s32 = -2147483648;
    float = 2.0;
    number = 1.5;
    port = 443;
  };

  lab.types.others = {
    bool = true;
    path = "/etc";
    package = pkgs.hello;
    shell = pkgs.bash;
    enum = "b";
    attrs.a.b = 1;
    anything.a = [
      1
      "x"
    ];
    raw = null;
    unspecified = "any";
    module.networking.hostName = "later";
  };

  lab.types.composed = {
    list = [
      "a"
      "b"
    ];
    full = [ 1 ];
    sets.a = "x";
    lazy.a = "y";
    nothing = null;
    either = 5;
    one = "two";
    only = "once";
    coerced = 5;
    even = 4;
    fn = x: "${x}!";
  };
}
