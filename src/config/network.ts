import { isIP, isIPv4 } from "node:net";
import type { Gpu, Network } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import type { Field } from "./field.ts";

export function readNetwork(field: Field): Network {
  const keys = field.keys("bridge", "network", "address", "gateway", "mac");
  if (keys.bridge.isGiven === keys.network.isGiven) field.fail('must have exactly one of "bridge" and "network"');
  if (keys.gateway.isGiven && !keys.address.isGiven) keys.gateway.fail('needs an "address" beside it');
  return defined({
    bridge: keys.bridge.optional((bridge) => bridge.textLike(isInterface, "be the name of a bridge on the server")),
    network: keys.network.optional((network) => network.textLike(isInterface, "be the name of an Incus network")),
    address: keys.address.optional((address) =>
      address.textLike(isCidr, 'be an address with its prefix length such as "192.168.6.93/24"'),
    ),
    gateway: keys.gateway.optional((gateway) => gateway.textLike((text) => isIP(text) !== 0, "be an IP address")),
    mac: keys.mac.optional((mac) => mac.textLike(isMac, 'be a MAC address such as "10:66:6a:00:00:01"').toLowerCase()),
  });
}

/** A GPU by its PCI ids; with none of them, every GPU of the server. */
export function readGpu(field: Field): Gpu {
  const keys = field.keys("vendor", "product", "pci");
  const id = (value: Field) =>
    value.textLike((text) => /^[0-9A-Fa-f]{4}$/.test(text), "be a PCI id of four hex digits").toLowerCase();
  return defined({
    vendor: keys.vendor.optional(id),
    product: keys.product.optional(id),
    pci: keys.pci.optional((pci) => pci.textLike(isPciAddress, 'be a PCI address such as "0000:01:00.0"')),
  });
}

/** Linux: 1 to 15 bytes, no slash, colon or white space. */
function isInterface(name: string): boolean {
  return /^[^\s/:]{1,15}$/.test(name);
}

function isCidr(text: string): boolean {
  const [address = "", length = "", ...rest] = text.split("/");
  if (rest.length > 0 || isIP(address) === 0 || !/^\d{1,3}$/.test(length)) return false;
  return Number(length) <= (isIPv4(address) ? 32 : 128);
}

function isMac(text: string): boolean {
  return /^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$/.test(text);
}

function isPciAddress(text: string): boolean {
  return /^([0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-7]$/.test(text);
}
