final: prev: {
  banner = final.writeText "banner" "made with ${final.hello.name}";
  hello = prev.hello.overrideAttrs (old: {
    pname = old.pname + "-loud";
    patches = [ ];
  });
  toolbox.withPackages =
    choose:
    final.buildEnv {
      name = "toolbox";
      paths = choose final;
    };
}
