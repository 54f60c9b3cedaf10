import { isIP } from "node:net";
import type { Port } from "../model/fleet.ts";
import type { Field } from "./field.ts";
import { isPort, parseEndpoint } from "./health.ts";

const listenForm = 'be a port such as 8081, or "ADDRESS:PORT" with an IP address, with "/udp" at its end for UDP';
const connectForm = 'lead to a port of the container such as 80, or "ADDRESS:PORT" with an IP address';

/** The forwarded ports: `{ 8081: 80, "0.0.0.0:53/udp": 53 }`. A bare port listens, and is reached in the container, on 127.0.0.1. */
export function readPorts(field: Field, instance: string): Port[] {
  return Object.values(
    field.entries((value, key) => {
      const [listen = "", protocol = "tcp", ...rest] = key.split("/");
      const from = rest.length === 0 && (protocol === "tcp" || protocol === "udp") ? endpoint(listen) : undefined;
      const to =
        typeof value.value === "number" || typeof value.value === "string" ? endpoint(String(value.value)) : undefined;
      const port = value.named(`port "${key}" of ${instance}`);
      if (from === undefined) port.fail(`must ${listenForm}`);
      if (to === undefined) port.must(connectForm);
      return { listen: `${protocol}:${from}`, connect: `${protocol}:${to}` };
    }),
  );
}

/** `127.0.0.1:80` for `80`; undefined when it is neither a port nor an IP address with a port. */
function endpoint(text: string): string | undefined {
  if (/^\d+$/.test(text)) return isPort(Number(text)) ? `127.0.0.1:${Number(text)}` : undefined;
  const parsed = parseEndpoint(text);
  if (parsed === undefined || isIP(parsed.address) === 0) return undefined;
  return isIP(parsed.address) === 6 ? `[${parsed.address}]:${parsed.port}` : `${parsed.address}:${parsed.port}`;
}

/** What a proxy device holds of its server: two of one server must not meet. Undefined for what is no network address. */
export interface Listener {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

/** Takes `tcp:127.0.0.1:8081` apart. */
export function parseListener(listen: string): Listener | undefined {
  const match = /^(tcp|udp):(.*)$/.exec(listen);
  const parsed = parseEndpoint(match?.[2] ?? "");
  return match?.[1] === undefined || parsed === undefined ? undefined : { protocol: match[1], ...parsed };
}

/** Whether the kernel refuses the second of the two: an unspecified address takes its port on every address. */
export function meet(a: Listener, b: Listener): boolean {
  if (a.protocol !== b.protocol || a.port !== b.port) return false;
  return a.address === b.address || isUnspecified(a.address) || isUnspecified(b.address);
}

function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
