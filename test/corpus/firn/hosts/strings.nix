{ config, pkgs, ... }:
{
  environment.etc = {
    "texts/dollar".text = "$ $$ \${x} $\${y} \\\${z}";
    "texts/quotes".text = "\"double\" 'single' ''two'' '''three'''";
    "texts/slashes".text = "\\ \\n \\\\ C:\\path";
    "texts/controls".text =
      builtins.fromJSON ''"tab\there, return\rhere, bell\u0007, escape\u001b[0m"'';
    "texts/lines".text = "one\ntwo\n  three\n\n  four\n";
    "texts/blank".text = "  \n\t\n ";
    "texts/unicode".text = builtins.fromJSON ''"naïve — ✓ 🚢 \u2028 \ufeff"'';
    "texts/comment".text = "# no /* comment */";
    "texts/nix".text = "''\${x} ''$ ''\\n ''' \${''y''}";
    "texts/empty".text = "";
    mixed.text =
      "$"
      + config.networking.hostName
      + " \\${pkgs.hello} \"${config.system.stateVersion}\"${pkgs.hello.name}$\n''${pkgs.bash}''\n";
    "computed-${config.networking.hostName}".text = "key";
  };
  environment.variables = {
    HELLO = "${pkgs.hello}/bin/hello";
    BOTH = "a${pkgs.hello.name}b";
  };
}
