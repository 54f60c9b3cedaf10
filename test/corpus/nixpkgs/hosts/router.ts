import { host, text } from "floe";
import { server } from "../modules/server.ts";

const lan = { device: "br0", address: "192.168.6.1", ports: ["enp2s0", "enp3s0"] };

export default host(({ lib, pkgs }) => ({
  imports: [server],
  networking: {
    hostName: "router",
    useDHCP: false,
    bridges: { [lan.device]: { interfaces: lan.ports, rstp: true } },
    vlans: { guests: { id: 20, interface: lan.device } },
    interfaces: {
      enp1s0: { useDHCP: true },
      [lan.device]: { ipv4: { addresses: [{ address: lan.address, prefixLength: 24 }] } },
      guests: { ipv4: { addresses: [{ address: "192.168.20.1", prefixLength: 24 }] } },
    },
    nat: { enable: false },
    firewall: { enable: false },
    nftables: {
      enable: true,
      ruleset: text`
        table inet filter {
          chain input {
            type filter hook input priority 0; policy drop;
            ct state { established, related } accept
            iifname { "lo", "${lan.device}" } accept
            tcp dport { ${[22, 80, 443].join(", ")} } accept
            log prefix "dropped: " counter drop
          }
        }
        table ip nat {
          chain postrouting {
            type nat hook postrouting priority 100;
            oifname "enp1s0" masquerade
          }
        }
      `,
    },
  },
  boot: { kernel: { sysctl: { "net.ipv4.ip_forward": true, "net.ipv6.conf.all.forwarding": true } } },
  services: {
    dhcpd4: {
      enable: true,
      interfaces: [lan.device, "guests"],
      extraConfig: lib.concatMapStrings(
        ({ net, router }) => text`
          subnet ${net} netmask 255.255.255.0 {
            option routers ${router};
          }
        `,
        [
          { net: "192.168.6.0", router: lan.address },
          { net: "192.168.20.0", router: "192.168.20.1" },
        ],
      ),
    },
    unbound: { enable: true, interfaces: ["127.0.0.1", lan.address], allowedAccess: ["192.168.6.0/24"] },
  },
  environment: { systemPackages: [pkgs.tcpdump, pkgs.nftables] },
}));
