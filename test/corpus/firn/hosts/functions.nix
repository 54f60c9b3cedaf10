{ lib, pkgs, ... }:
{
  environment.systemPackages = [
    (pkgs.toolbox.withPackages (
      ps: with ps; [
        hello
        bash
      ]
    ))
    (pkgs.toolbox.withPackages (ps: [ ps.hello ]))
  ];
  environment.etc = {
    "list/one".text = "1";
    "list/two".text = "2";
    "list/three".text = "3";
  };
  environment.variables.CURRIED = "all: a=b";
}
