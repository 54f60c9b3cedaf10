{
  boot.kernelParams = [
    "quiet"
    "loglevel=3"
  ];
  boot.kernel.sysctl = {
    "net.ipv4.ip_forward" = 1;
    "vm.swappiness" = 10;
    "kernel.x'y" = "a b";
    "if" = true;
  };
  boot.loader.grub.device = "/dev/sda";
  boot.loader.grub.timeout = null;
  boot.loader.systemd-boot = { };

  security = {
    many = [ ];
    nested = [
      [ 1 ]
      [ ]
      [
        [
          2
          "three"
          null
          false
        ]
      ]
    ];
    "a.b"."" = {
      "with space" = -1;
    };
  };

  documentation = {
    numbers = [
      0
      (-1)
      9007199254740991
      9223372036854775807
      (-9223372036854775807 - 1)
      0.5
      (-1.5)
      0.0000001
    ];
    floats = [
      1.0
      (-3.0)
      1.0e21
    ];
  };

  environment.etc.json.text = ''{"written":["in","TypeScript"]}'';
}
