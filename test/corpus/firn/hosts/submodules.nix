{
  imports = [ ../modules/farm.nix ];

  lab.farm = {
    animals.cow = {
      legs = 4;
      sound = "moo";
      tags = [ "big" ];
      favourite = "grass";
    };
    animals.hen =
      { config, lib, ... }:
      {
        kind = "bird";
        sound = lib.mkForce "cluck";
        nick = "hen the ${config.kind}";
      };
    animals.egg.legs = 0;
    fields = [
      { size = 3; }
      {
        size = 5;
        crops.wheat = 0.5;
      }
    ];
    barn.size = 10;
  };
}
