{
  networking = {
    hostName = "addresses";
    domain = "example.org";

    interfaces.eth0 = {
      useDHCP = false;
      ipv4.addresses = [
        {
          address = "192.168.6.5";
          prefixLength = 24;
        }
      ];
    };
    interfaces.eth1 = {
      useDHCP = false;
      ipv4.addresses = [
        {
          address = "10.0.0.1";
          prefixLength = 8;
        }
      ];
    };

    defaultGateway.address = "192.168.6.1";
    nameservers = [
      "192.168.6.1"
      "9.9.9.9"
    ];
    hosts."192.168.6.7" = [
      "files.example.org"
      "files"
    ];
    extraHosts = ''
      192.168.6.8 printer
    '';
  };
}
