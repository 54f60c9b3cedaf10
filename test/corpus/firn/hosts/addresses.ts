import { host } from "floe";

interface Net {
  readonly device: string;
  readonly address: string;
  readonly length?: number;
}

const interfaceOf = ({ address, length = 24 }: Net) => ({
  useDHCP: false,
  ipv4: { addresses: [{ address, prefixLength: length }] },
});

const nets: readonly Net[] = [
  { device: "eth0", address: "192.168.6.5" },
  { device: "eth1", address: "10.0.0.1", length: 8 },
];

export default host({
  networking: {
    hostName: "addresses",
    domain: "example.org",
    interfaces: Object.fromEntries(nets.map((net) => [net.device, interfaceOf(net)])),
    defaultGateway: { address: "192.168.6.1" },
    nameservers: ["192.168.6.1", "9.9.9.9"],
    hosts: { "192.168.6.7": ["files.example.org", "files"] },
    extraHosts: "192.168.6.8 printer\n",
  },
});
