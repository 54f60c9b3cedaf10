/** The connection to an Incus server elsewhere. */
import https from "node:https";
import { type TlsIdentity, tlsFailure } from "./tls.ts";
import { type Transport, transport } from "./transport.ts";

/** Incus over the network. The server is known by its certificate, and knows us by ours. */
export function httpsTransport(url: URL, identity: TlsIdentity): Transport {
  const tls = {
    cert: identity.cert,
    key: identity.key,
    ca: identity.serverCertificate,
    checkServerIdentity: identity.checkServer,
    allowPartialTrustChain: true,
  };
  return transport({
    address: url.origin,
    isLocal: false,
    agent: new https.Agent({ keepAlive: true, ...tls }),
    request: (options) => https.request(url.origin, options),
    webSocketUrl: `wss://${url.host}`,
    webSocketOptions: tls,
    failure: (what, cause) => tlsFailure(url.origin, what, cause),
  });
}
