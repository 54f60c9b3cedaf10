/** The dashboard as a service. */
import { isIP } from "node:net";
import type { FleetSpec } from "../authoring/definitions.ts";
import type { Dashboard } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import type { Field } from "./field.ts";

/** Where `floe serve` listens when nobody says. */
const customPort = 4790;

/** Names of hosts are checked where they are known. */
export function readServe(field: Field, { user }: FleetSpec): Dashboard {
  const keys = field
    .named("the dashboard's service")
    .keys(
      ...(["host", "folder", "user", "port", "listen", "tls", "insecure", "readOnly", "basePath"] as const),
      ...(["allowHosts", "trustProxyUser", "sandbox"] as const),
    );
  const listen = keys.listen.optional((address) =>
    address.textLike((text) => isIP(text) !== 0, 'be an IP address to listen on, such as "192.168.1.5"'),
  );
  const tls = keys.tls.optional(readTls);
  const insecure = keys.insecure.flag(false);
  if (listen !== undefined && !/^127\.|^::1$/.test(listen) && tls === undefined && !insecure)
    keys.listen.fail(
      "can be reached over the network, terminals included, and has no TLS",
      "Give tls: { cert, key }; or insecure: true, by which everybody on the way can read along and take over",
    );
  return defined({
    host: keys.host.optional((host) => host.text("be the name of a host")),
    folder: keys.folder.textLike((path) => path.startsWith("/"), "be the absolute path of the project on that machine"),
    user:
      keys.user.optional((name) => name.textLike((text) => /^[A-Za-z_][\w.-]*$/.test(text), "be the name of a user")) ??
      user?.name ??
      "root",
    port: keys.port.integer(1, 65_535, customPort),
    listen,
    tls,
    insecure,
    readOnly: keys.readOnly.flag(false),
    basePath: keys.basePath.optional((path) =>
      path.textLike((text) => /^\/([\w.~-]+\/)*$/.test(text) && !/\/\.\.?\//.test(text), 'be a path such as "/floe/"'),
    ),
    allowHosts: keys.allowHosts.list((name) =>
      name.textLike((text) => /^[\w.-]+(:\d{1,5})?$/.test(text), 'be the name of a host, such as "floe.lan"'),
    ),
    trustProxyUser: keys.trustProxyUser.optional((header) =>
      header.textLike((text) => /^[A-Za-z][\w-]{0,60}$/.test(text), 'be the name of a header, such as "Remote-User"'),
    ),
    sandbox: keys.sandbox.isGiven ? keys.sandbox.flag(true) : undefined,
  });
}

// --- internal ---

function readTls(field: Field): NonNullable<Dashboard["tls"]> {
  const { cert, key } = field.keys("cert", "key");
  const isFile = (text: string): boolean => text.startsWith("/");
  return {
    cert: cert.textLike(isFile, "be the absolute path of a PEM file"),
    key: key.textLike(isFile, "be the absolute path of a PEM file"),
  };
}
