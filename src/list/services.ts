/** Where the services of instances are reached, from their declared ports. */
import type { HealthCheck, Instance, Port } from "../model/fleet.ts";

/** Ports inside a container that speak HTTP by custom. */
const webPorts: ReadonlySet<string> = new Set(["80", "8080", "443", "8443"]);

/** `http://127.0.0.1:8081` for what is known to speak HTTP, else `127.0.0.1:5432` and `127.0.0.1:53/udp`. */
export function servicesOf({ ports, health }: Instance): string[] {
  return ports.map((port) => serviceOf(port, health));
}

function serviceOf({ listen, connect }: Port, health: readonly HealthCheck[]): string {
  const [protocol = "tcp"] = listen.split(":");
  const inside = portOf(connect);
  const place = `${hostOf(listen)}:${portOf(listen)}`;
  if (protocol !== "tcp") return `${place}/${protocol}`;
  const probes = health.flatMap((check) => (check.kind === "http" ? [new URL(check.url)] : []));
  const probe = probes.find((url) =>
    [portOf(listen), inside].includes(url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port),
  );
  if (probe !== undefined) return `${probe.protocol}//${place}`;
  return webPorts.has(inside) ? `http${inside.endsWith("443") ? "s" : ""}://${place}` : place;
}

/** An address that stands for all of them is reached as this machine. */
function hostOf(listen: string): string {
  const host = listen.replace(/^\w+:/, "").replace(/:[^:]*$/, "");
  return host === "0.0.0.0" ? "127.0.0.1" : host === "[::]" ? "[::1]" : host;
}

function portOf(endpoint: string): string {
  return endpoint.slice(endpoint.lastIndexOf(":") + 1);
}
