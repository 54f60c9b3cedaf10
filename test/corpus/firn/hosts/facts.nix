{
  networking.firewall = {
    enable = true;
    allowedTCPPorts = [
      22
      80
      443
    ];
  };
  environment.etc = {
    "ports/ssh".text = "22";
    "ports/http".text = "80";
    "ports/https".text = "443";
  };
  environment.variables.MANY = [
    "a"
    "b"
  ];
}
