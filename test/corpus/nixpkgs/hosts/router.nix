{ pkgs, ... }:

{
  imports = [ ../modules/server.nix ];

  networking.hostName = "router";
  networking.useDHCP = false;

  networking.bridges.br0 = {
    interfaces = [
      "enp2s0"
      "enp3s0"
    ];
    rstp = true;
  };
  networking.vlans.guests = {
    id = 20;
    interface = "br0";
  };
  networking.interfaces.enp1s0.useDHCP = true;
  networking.interfaces.br0.ipv4.addresses = [
    {
      address = "192.168.6.1";
      prefixLength = 24;
    }
  ];
  networking.interfaces.guests.ipv4.addresses = [
    {
      address = "192.168.20.1";
      prefixLength = 24;
    }
  ];

  networking.nat.enable = false;
  networking.firewall.enable = false;
  networking.nftables.enable = true;
  networking.nftables.ruleset = ''
    table inet filter {
      chain input {
        type filter hook input priority 0; policy drop;
        ct state { established, related } accept
        iifname { "lo", "br0" } accept
        tcp dport { 22, 80, 443 } accept
        log prefix "dropped: " counter drop
      }
    }
    table ip nat {
      chain postrouting {
        type nat hook postrouting priority 100;
        oifname "enp1s0" masquerade
      }
    }
  '';

  boot.kernel.sysctl = {
    "net.ipv4.ip_forward" = true;
    "net.ipv6.conf.all.forwarding" = true;
  };

  services.dhcpd4 = {
    enable = true;
    interfaces = [
      "br0"
      "guests"
    ];
    extraConfig = ''
      subnet 192.168.6.0 netmask 255.255.255.0 {
        option routers 192.168.6.1;
      }
      subnet 192.168.20.0 netmask 255.255.255.0 {
        option routers 192.168.20.1;
      }
    '';
  };

  services.unbound = {
    enable = true;
    interfaces = [
      "127.0.0.1"
      "192.168.6.1"
    ];
    allowedAccess = [ "192.168.6.0/24" ];
  };

  environment.systemPackages = with pkgs; [
    tcpdump
    nftables
  ];
}
