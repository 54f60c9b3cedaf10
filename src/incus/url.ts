/** The address of an Incus server on the network. */
import { UsageError } from "../errors.ts";

/** The port that Incus listens on by custom. */
const customPort = 8443;

/**
 * `https://HOST:PORT`, from that, `https://HOST`, `HOST` or `HOST:PORT`; without a port it is 8443, as for the Incus client.
 * @throws UsageError when it is none
 */
export function serverUrl(text: string): string {
  const address = text
    .trim()
    .replace(/^https:\/\//i, "")
    .replace(/\/+$/, "");
  const isBareIpv6 = /^[\da-f]*:[\da-f:.]*:[\da-f.]*$/i.test(address);
  const host = isBareIpv6 ? `[${address}]` : address;
  const port = /:(\d+)$/.exec(host.slice(host.lastIndexOf("]") + 1))?.[1];
  const bare = port === undefined ? host : host.slice(0, -port.length - 1);
  const url = `https://${bare}:${port ?? customPort}`;
  if (!URL.canParse(url) || new URL(url).pathname !== "/" || new URL(url).username !== "" || /[?#]/.test(address))
    throw new UsageError(`"${text}" is no address of an Incus server`, { hint: "For example: https://crown.lan:8443" });
  return `https://${new URL(url).hostname}:${port ?? customPort}`;
}

/** True when both lead to the same port of the same host. */
export function sameServer(a: string, b: string): boolean {
  try {
    return serverUrl(a) === serverUrl(b);
  } catch {
    return false;
  }
}
