/** `floe serve`: puts the parts together, listens, and ends calmly. */
import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { basename } from "node:path";
import { FloeError, UsageError } from "../errors.ts";
import { instancesOf } from "../model/fleet.ts";
import { type Project, rememberedFleet, whoRuns } from "../pipeline.ts";
import { instanceAddress } from "../plan/labels.ts";
import { version } from "../version.ts";
import { openAccount } from "./account.ts";
import type { PlanWords, Serve } from "./context.ts";
import { isReachedFromHere } from "./here.ts";
import { planNow } from "./jobs/instances.ts";
import { type OpenJobs, openJobs } from "./jobs/jobs.ts";
import { makeLinkToken } from "./link.ts";
import { listen } from "./listen.ts";
import { type Broadcast, openBroadcast } from "./live/broadcast.ts";
import { type Live, openLive } from "./live/live.ts";
import { notFound, RefusedError } from "./refused.ts";
import { allRoutes } from "./routes/all.ts";
import { forgetServer, rememberServer } from "./running.ts";
import { answer, createServer } from "./server.ts";
import { openSessions } from "./session.ts";
import { readStatic } from "./static.ts";

export interface ServeOptions {
  readonly project: Project;
  readonly words: PlanWords;
  readonly address: string;
  /** Undefined: the custom port, or the next that is free. */
  readonly port: number | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly allowedHosts: readonly string[];
  /** Begins and ends with a slash. */
  readonly basePath: string;
  readonly readOnly: boolean;
  readonly proxyHeader: string | undefined;
  readonly proxies: readonly string[];
  /** What a person should know who looks at the terminal. */
  readonly onLog: (text: string) => void;
}

export interface Running {
  readonly url: string;
  readonly port: number;
  /** The url with a token that works once; one that was made before works no more. */
  newLink(): string;
  readonly jobs: Pick<OpenJobs, "running" | "cancelAll" | "idle">;
  close(): Promise<void>;
}

/** @throws UsageError when it cannot listen there, RefusedError without the page */
export async function startServe(options: ServeOptions): Promise<Running> {
  const { project, address, basePath, tls, onLog } = options;
  const files = readStatic(basePath);
  const server = createServer(tls && { cert: readFile(tls.cert), key: readFile(tls.key) });
  await listen(server, address, options.port);
  const { port } = server.address() as AddressInfo;
  const stopped = new AbortController();
  // Every request listens, and Node takes more than ten listeners for a leak.
  setMaxListeners(0, stopped.signal);
  const url = `${tls === undefined ? "http" : "https"}://${nameFor(address, options.allowedHosts)}:${port}${basePath}`;
  const sessions = openSessions(project.root, port);
  const parts = openParts(options, { signal: stopped.signal, listen: url, sessions: () => sessions.count() });
  const account = openAccount({
    ...{ root: project.root, port, basePath, isTls: tls !== undefined, user: whoRuns(), sessions },
    ...{ proxyHeader: options.proxyHeader, proxies: options.proxies },
  });
  const names = { port, address, allowed: options.allowedHosts.map((name) => name.toLowerCase()) };
  const onBug = (error: unknown): void => onLog(`A mistake in floe: ${(error as Error).stack ?? String(error)}`);
  // A change may be under way: what goes wrong beside it is told, and ends nothing.
  const accidents = ["uncaughtException", "unhandledRejection"] as const;
  for (const accident of accidents) process.on(accident, onBug);
  const answering = answer(server, { serve: parts.serve, routes: allRoutes, files, account, names, basePath, onBug });
  rememberServer(project.root, { port, url });
  // Who opens the link at once sees the fleet, not that it is being loaded.
  await parts.loaded;
  return {
    url,
    port,
    newLink: () => `${url}?token=${makeLinkToken(project.root, port)}`,
    jobs: parts.jobs,
    async close() {
      stopped.abort();
      forgetServer(project.root, port);
      await answering.close();
      for (const accident of accidents) process.off(accident, onBug);
    },
  };
}

// --- internal ---

interface Surroundings {
  readonly signal: AbortSignal;
  readonly listen: string;
  readonly sessions: () => number;
}

/** Jobs and what is live know of each other. */
function openParts(
  { project, words, readOnly, onLog }: ServeOptions,
  { signal, listen, sessions }: Surroundings,
): { readonly serve: Serve; readonly jobs: OpenJobs; readonly loaded: Promise<void> } {
  const broadcast = openBroadcast();
  const jobs = openJobs({
    root: project.root,
    ...{ words, broadcast },
    onChange: (job) => {
      live.noteJobs();
      if (job.state !== "running") live.refresh();
    },
    onBug: (error) => onLog(`A mistake in floe: ${(error as Error).stack ?? String(error)}`),
  });
  const quiet = { emit: () => {} };
  const live = openLive({
    ...{ project, broadcast, signal, onLog },
    running: () => jobs.running(),
    makePlan: (planSignal) => planNow(project, { selection: null }, { ...quiet, signal: planSignal }),
  });
  const serve = contextOf({ project, words, readOnly, signal, listen, sessions, broadcast, jobs, live });
  return { serve, jobs, loaded: live.loaded };
}

interface Parts extends Surroundings, Pick<ServeOptions, "project" | "words" | "readOnly"> {
  readonly broadcast: Broadcast;
  readonly jobs: OpenJobs;
  readonly live: Live;
}

function contextOf({ live, project, ...parts }: Parts): Serve {
  const { root } = project;
  const fleet: Serve["fleet"] = () => {
    const known = live.fleet();
    if (known !== undefined) return known;
    const [problem] = live.state().problems;
    throw new RefusedError(503, "NO_FLEET", problem?.message ?? "The project is being loaded", { hint: problem?.hint });
  };
  const instance: Serve["instance"] = (name) => {
    const all = instancesOf(fleet());
    const found = all.find((one) => one.name === name || instanceAddress(one) === name);
    if (found !== undefined) return found;
    throw notFound(
      "instance",
      name,
      all.map((one) => one.name),
    );
  };
  return {
    version,
    project,
    root,
    ...parts,
    describe: () => {
      const known = live.fleet() ?? rememberedFleet(project);
      return { fleet: known?.name ?? basename(root), description: known?.description ?? "" };
    },
    fleet,
    evaluation: live.evaluation,
    state: () => live.state(),
    instance,
    shownInstance(name) {
      const address = instanceAddress(instance(name));
      const shown = live.state().instances.find((one) => instanceAddress(one) === address);
      if (shown === undefined) throw notFound("instance", name);
      return shown;
    },
    host(name) {
      const { hosts } = fleet();
      const host = Object.hasOwn(hosts, name) ? hosts[name] : undefined;
      if (host === undefined) throw notFound("host", name, Object.keys(hosts));
      return host;
    },
    reachableHosts() {
      return Object.values(fleet().hosts).filter(isReachedFromHere);
    },
    client(server) {
      const client = live.links().get(server)?.client();
      if (client === undefined) throw notFound("server", server, [...live.links().keys()]);
      if (client instanceof FloeError)
        throw new RefusedError(503, "UNREACHABLE", client.message, { hint: client.hint });
      return client;
    },
    clients: () => Object.fromEntries([...live.links()].map(([name, link]) => [name, link.client()])),
    refresh: () => live.refresh(),
    refreshHosts: (names) => live.refreshHosts(names),
    notePlan: (planned) => live.notePlan(planned),
    noteHostPlan: (plan) => live.noteHostPlan(plan),
    health: (address) => live.health.of(address),
  };
}

/** @throws UsageError */
function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UsageError(`Cannot read "${path}": ${(cause as Error).message}`, { cause });
  }
}

/** A name that a browser can open: of a server that listens everywhere the one that was allowed, else this machine's address on its network. */
function nameFor(address: string, [allowed]: readonly string[]): string {
  if (address !== "0.0.0.0" && address !== "::") return address.includes(":") ? `[${address}]` : address;
  const outside = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = outside.find(({ internal, family }) => !internal && family === "IPv4");
  return allowed?.replace(/:\d+$/, "") ?? found?.address ?? "127.0.0.1";
}
