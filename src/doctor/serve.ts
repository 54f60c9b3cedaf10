/** The dashboard: is its page there, can it listen where it would, and can it read its certificate? */
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { hostname } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { FloeError } from "../errors.ts";
import type { Dashboard, Fleet } from "../model/fleet.ts";
import { customPort, tryListen } from "../serve/listen.ts";
import { type RunningServer, runningServers } from "../serve/running.ts";
import { readStatic } from "../serve/static.ts";
import { readListeners } from "../util/listeners.ts";
import { type Finding, finding } from "./finding.ts";

/** A certificate that ends sooner should be renewed. */
const soonMs = 14 * 86_400_000;

/** @param root undefined outside a project */
export async function checkServe(root: string | undefined, fleet: Fleet | undefined): Promise<Finding[]> {
  const service = fleet?.serve === undefined || !isHere(fleet.serve, fleet.root) ? undefined : fleet.serve;
  return [
    checkPage(),
    ...(await checkPlace(root, service)),
    ...(service?.tls === undefined ? [] : checkCertificate(service.tls, service.user)),
  ];
}

// --- internal ---

/** Of a service without a host it is known only that its project is in that folder. */
function isHere({ host, folder }: Dashboard, root: string): boolean {
  return host === undefined ? folder === root : host === hostname();
}

function checkPage(): Finding {
  const say = finding("serve", "page");
  try {
    readStatic("/");
    return say("ok", "the dashboard's page is part of this floe");
  } catch (error) {
    return say("fail", (error as Error).message, error instanceof FloeError ? error.hint : undefined);
  }
}

/** One that runs for this project has the port by right. */
async function checkPlace(root: string | undefined, service: Dashboard | undefined): Promise<Finding[]> {
  const say = finding("serve", "port");
  let running: readonly RunningServer[];
  try {
    running = root === undefined || !existsSync(join(root, ".floe", "serve")) ? [] : runningServers(root);
  } catch (error) {
    if (!(error instanceof FloeError)) throw error;
    return [say(service === undefined ? "fail" : "info", error.message, error.hint)];
  }
  const told = running.map(({ url }) =>
    say("ok", `floe serve runs for this project: ${url} (a link for a browser: floe serve --new-link)`),
  );
  const isThere = service === undefined ? running.length > 0 : running.some(({ port }) => port === service.port);
  return isThere ? told : [...told, await checkPort(service)];
}

async function checkPort(service: Dashboard | undefined): Promise<Finding> {
  const say = finding("serve", "port");
  const { listen: address = "127.0.0.1", port = customPort } = service ?? {};
  const place = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  const server = createServer();
  const error = await tryListen(server, address, port);
  server.close();
  if (error === undefined) return say("ok", `floe serve can listen on ${place}`);
  if (error.code !== "EADDRINUSE")
    return say(
      "fail",
      `floe serve cannot listen on ${place}: ${error.message}`,
      "Set serve.listen and serve.port in floe.config.ts",
    );
  const found = (await readListeners(new Set([port]))).find(({ protocol }) => protocol === "tcp");
  const holder = found?.holder ?? "a process of another user";
  return service === undefined
    ? say("info", `${place} is held by ${holder}: floe serve takes the next port that is free`, "floe serve --port N")
    : say(
        "fail",
        `${place}, where the service floe-serve listens, is held by ${holder}`,
        "End it, or set serve.port in floe.config.ts",
      );
}

function checkCertificate({ cert, key }: NonNullable<Dashboard["tls"]>, user: string): Finding[] {
  const say = finding("serve", "tls");
  const read = [cert, key].map((path) => readPem(path, user));
  const bad = read.flatMap((one) => ("status" in one ? one : []));
  if (bad.length > 0) return bad;
  const [certificate = "", secret = ""] = read.map((one) => ("text" in one ? one.text : ""));
  try {
    createSecureContext({ cert: certificate, key: secret });
  } catch (error) {
    const why = (error as Error).message;
    return [
      say("fail", `"${cert}" and "${key}" are no certificate with its key: ${why}`, "Set serve.tls in floe.config.ts"),
    ];
  }
  const until = new Date(new X509Certificate(certificate).validTo);
  const day = until.toISOString().slice(0, 10);
  const leftMs = until.getTime() - Date.now();
  if (leftMs < 0) return [say("fail", `The certificate "${cert}" ended on ${day}: browsers refuse it`, "Renew it")];
  if (leftMs < soonMs)
    return [say("warn", `The certificate "${cert}" ends on ${day}`, "Renew it, and restart floe-serve")];
  return [say("ok", `the dashboard's certificate is good until ${day}`)];
}

function readPem(path: string, user: string): { readonly text: string } | Finding {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const mend =
      code === "EACCES" ? `Let ${user} read it, as which floe-serve runs` : "Set serve.tls in floe.config.ts";
    return finding("serve", "tls")("fail", `Cannot read "${path}": ${message}`, mend);
  }
}
