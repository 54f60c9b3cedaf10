/** Routes of single things: an instance, a host, the history, the storage, the graph, the settings. */

import { insidePath } from "../../incus/inside-path.ts";
import { type Fleet, instancesOf } from "../../model/fleet.ts";
import { changeSnapshot, drawGraph, loginShell, openConnections } from "../../pipeline.ts";
import { instanceAddress } from "../../plan/labels.ts";
import { defined } from "../../util/defined.ts";
import type { Serve } from "../context.ts";
import type { DrawnGraph, Job } from "../protocol.ts";
import { type Exchange, events, type Route, route, webSocket } from "../router.ts";
import { ConsoleTails } from "./console-tail.ts";
import { describeRun, listHistory } from "./history.ts";
import { changesOfHost, describeHost } from "./host-details.ts";
import { describeInstance } from "./instance-details.ts";
import { streamConsole, streamLogs } from "./logs.ts";
import { enter } from "./place.ts";
import { readLines, readNumber, readRestoreRequest, readSnapshotRequest, readTrustRequest } from "./read-body.ts";
import { readSettings, trustServer } from "./settings.ts";
import { readStorage } from "./storage.ts";
import { serveTerminal, sizeOf } from "./terminal.ts";

export const detailRoutes: readonly Route[] = [
  route("GET", "/api/instances/:name", ({ params, serve, signal }) =>
    describeInstance(serve, params["name"] as string, signal),
  ),
  ...snapshotRoutes(),
  ...streamRoutes(),
  route("GET", "/api/hosts/:name", ({ params, serve, signal }) =>
    describeHost(serve, params["name"] as string, signal),
  ),
  route("GET", "/api/hosts/:name/changes", ({ params, query, serve, signal }) => {
    const range = { from: readNumber(query, "from"), to: readNumber(query, "to") };
    return changesOfHost(serve, params["name"] as string, range, signal);
  }),
  route("GET", "/api/history", ({ serve }) => listHistory(serve)),
  route("GET", "/api/history/:id", ({ params, serve }) => describeRun(serve, params["id"] as string)),
  route("GET", "/api/storage", ({ serve, signal }) => readStorage(serve, signal)),
  route("GET", "/api/graph", ({ serve }) => graphOf(serve.fleet())),
  route("GET", "/api/settings", ({ serve, signal }) => readSettings(serve, signal)),
  route("POST", "/api/remotes", async ({ body, serve, signal }) => {
    const trusted = await trustServer(readTrustRequest(body), signal);
    serve.refresh();
    return trusted;
  }),
];

// --- internal ---

function snapshotRoutes(): Route[] {
  const path = "/api/instances/:name/snapshots";
  return [
    route("POST", path, (exchange) => snapshotJob(exchange, "create", readSnapshotRequest(exchange.body).name)),
    route("DELETE", `${path}/:snapshot`, (exchange) =>
      snapshotJob(exchange, "delete", exchange.params["snapshot"] as string),
    ),
    route("POST", `${path}/:snapshot/restore`, (exchange) => {
      const snapshot = exchange.params["snapshot"] as string;
      return snapshotJob(exchange, "restore", snapshot, readRestoreRequest(exchange.body, snapshot).saveAs);
    }),
  ];
}

const snapshotTitles = {
  create: "make the snapshot",
  delete: "delete the snapshot",
  restore: "go back to the snapshot",
} as const;

function snapshotJob(
  { params, serve, user }: Exchange,
  action: keyof typeof snapshotTitles,
  snapshot: string,
  saveAs?: string,
): Job {
  const instance = serve.instance(params["name"] as string);
  const title = `${snapshotTitles[action]} ${snapshot} of ${instance.name}`;
  const subjects = [instanceAddress(instance)];
  const request = { kind: "snapshot" as const, title, subjects, user, verb: `snapshot ${action}` };
  return serve.jobs.start(request, async ({ lock, emit, signal }) => {
    const fleet = serve.fleet();
    const connections = openConnections(fleet, signal);
    try {
      const change = { action, instance, snapshot, lock, ...defined({ saveAs }), clients: await connections.clients };
      await changeSnapshot(fleet, change, { emit, signal });
    } finally {
      await connections.close();
      serve.refresh();
    }
  });
}

function streamRoutes(): Route[] {
  return [
    events("/api/instances/:name/logs", async (exchange) => {
      const request = { lines: readLines(exchange.query), signal: exchange.signal };
      await enter(exchange, (place) => streamLogs(place, tailsOf(exchange.serve), request, exchange));
    }),
    events("/api/instances/:name/console", async (exchange) => {
      const request = { lines: readLines(exchange.query), signal: exchange.signal };
      await enter(exchange, (place) => streamConsole(place, tailsOf(exchange.serve), request, exchange));
    }),
    webSocket("/api/instances/:name/terminal", (exchange) =>
      serveTerminal(exchange.socket, sizeOf(exchange.query), exchange.signal, (streams, signal) =>
        enter(exchange, ({ client, project, name }) => {
          const environment = { TERM: "xterm-256color", PATH: insidePath };
          return client.execStream(project, name, loginShell, streams, { signal, environment });
        }),
      ),
    ),
    webSocket("/api/instances/:name/attach", (exchange) =>
      serveTerminal(exchange.socket, sizeOf(exchange.query), exchange.signal, (streams, signal) =>
        enter(exchange, async ({ client, project, name }) => {
          await client.attachConsole(project, name, streams, { signal });
          return undefined;
        }),
      ),
    ),
  ];
}

/** One reader of each console a server. */
const tails = new WeakMap<Serve, ConsoleTails>();

function tailsOf(serve: Serve): ConsoleTails {
  const known = tails.get(serve) ?? new ConsoleTails();
  tails.set(serve, known);
  return known;
}

const drawn = new WeakMap<Fleet, Promise<DrawnGraph>>();

/** Drawn once for each state of the project. */
function graphOf(fleet: Fleet): Promise<DrawnGraph> {
  const known = drawn.get(fleet);
  if (known !== undefined) return known;
  const all = {
    hosts: new Set(Object.keys(fleet.hosts)),
    images: new Set(Object.keys(fleet.containers)),
    instances: new Set(instancesOf(fleet).map(({ name }) => name)),
    shells: new Set(Object.keys(fleet.shells)),
  };
  const drawing = drawGraph(fleet, all, "svg").then(({ graph, text }) => ({ graph, svg: text }));
  drawn.set(fleet, drawing);
  return drawing;
}
