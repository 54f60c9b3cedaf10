/**
 * A project with instances that are updated in place, on firn, the real Nix and the real Incus. Everything goes through
 * `floe/pipeline`, as the command does it.
 */
import { cp } from "node:fs/promises";
import path from "node:path";
import { findProject } from "../../src/config/find.ts";
import type { IncusClient } from "../../src/incus/types.ts";
import type { Evaluation } from "../../src/model/evaluation.ts";
import type { Fleet } from "../../src/model/fleet.ts";
import type { Plan } from "../../src/model/plan.ts";
import {
  acquireLock,
  apply,
  type Lock,
  load,
  openConnections,
  plan,
  rollback,
  type Work,
  writeFlake,
} from "../../src/pipeline.ts";
import type { Clients } from "../../src/plan/observe.ts";
import type { FloeEvent } from "../../src/report/events.ts";
import type { ApplyReport } from "../../src/report/reduce.ts";
import { type TempProject, tempProject } from "../support/temp-project.ts";

const firn = path.resolve(import.meta.dirname, "../../firn");

/** What `containers/web.ts` says. */
export interface Web {
  readonly page: string;
  readonly update?: "in-place" | "swap" | "rebuild";
  /** What the health check asks the page for; the page itself where it is not given. */
  readonly wanted?: string;
  /** More of its instance, and of its system, in TypeScript. */
  readonly instance?: string;
  readonly system?: string;
}

/** A web server, and a service beside it that no edit changes. */
export function webContainer(
  project: string,
  { page, update = "in-place", wanted = page, instance = "", system = "" }: Web,
): string {
  return `import { container } from "floe";
export default container({ instances: { web: {
  project: ${JSON.stringify(project)}, update: "${update}", keep: 3, ${instance}
  health: [{ exec: ["/bin/sh", "-c", "wget -q -O - http://127.0.0.1/ | grep -qx '${wanted}'"], within: "3s" }],
} } }, ({ pkgs, modulesPath }) => ({
  imports: [modulesPath + "/virtualisation/lxc-container.nix"],
  services: {
    httpd: { enable: true, root: pkgs.writeTextDir("index.html", ${JSON.stringify(`${page}\n`)}) },
    beside: { script: "echo $$ > /run/beside; exec sleep 1000000" },
  },
  ${system}
  system: { stateVersion: "26.05" },
}));
`;
}

export async function inPlaceProject(name: string): Promise<TempProject> {
  const project = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "${name}", description: "", inputs: { nixpkgs: dir("./firn") }, containers: dir("./containers") });
`,
  });
  await cp(firn, path.join(project.root, "firn"), { recursive: true });
  return project;
}

export interface Done {
  readonly report: ApplyReport;
  readonly events: readonly FloeEvent[];
}

/** As data: all that another process needs to carry the plan out. */
export interface Prepared {
  readonly fleet: Fleet;
  readonly plan: Plan;
  readonly evaluation: Evaluation;
}

/** Load, plan and apply, as `floe apply --yes`. */
export async function applyProject(root: string, { prune = false }: { readonly prune?: boolean } = {}): Promise<Done> {
  return applyPrepared(await prepareProject(root, { prune }));
}

export async function prepareProject(
  root: string,
  { prune = false }: { readonly prune?: boolean } = {},
): Promise<Prepared> {
  const work: Work = { emit: () => {}, signal: new AbortController().signal };
  const fleet = await load(findProject(root), work);
  await writeFlake(fleet, work);
  const connections = openConnections(fleet, work.signal);
  try {
    const { evaluation, ...made } = await plan(fleet, { selection: null, prune }, connections, work);
    return { fleet, plan: made.plan, evaluation };
  } finally {
    await connections.close();
  }
}

/** `onEvent` sees each event as it happens. */
export async function applyPrepared(
  { fleet, ...prepared }: Prepared,
  onEvent: (event: FloeEvent) => void = () => {},
): Promise<Done> {
  return withLock(fleet, "apply", onEvent, (clients, lock, work) =>
    apply(fleet, { ...prepared, clients, lock, partial: false }, work),
  );
}

export async function rollbackProject(root: string, name: string, to?: number): Promise<Done> {
  const fleet = await load(findProject(root), { emit: () => {}, signal: new AbortController().signal });
  return withLock(
    fleet,
    "rollback",
    () => {},
    (clients, lock, work) => rollback(fleet, name, { clients, lock, ...(to === undefined ? {} : { to }) }, work),
  );
}

/** What `/` answers inside. */
export async function pageOf(client: IncusClient, project: string, name = "web"): Promise<string> {
  return inside(client, project, name, "wget -q -O - http://127.0.0.1/");
}

export async function inside(client: IncusClient, project: string, name: string, script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await client.exec(project, name, ["/bin/sh", "-c", script], {
    environment: { PATH: "/run/current-system/sw/bin:/bin" },
  });
  if (exitCode !== 0) throw new Error(`"${script}" ended with ${exitCode}: ${stderr || stdout}`);
  return stdout.trim();
}

// --- internal ---

async function withLock(
  fleet: Fleet,
  verb: string,
  onEvent: (event: FloeEvent) => void,
  action: (clients: Clients, lock: Lock, work: Work) => Promise<ApplyReport>,
): Promise<Done> {
  const events: FloeEvent[] = [];
  const emit = (event: Parameters<Work["emit"]>[0]): void => {
    const timed = { at: Date.now(), ...event } as FloeEvent;
    events.push(timed);
    onEvent(timed);
  };
  const work: Work = { emit, signal: new AbortController().signal };
  const lock = acquireLock(fleet.root, verb);
  const connections = openConnections(fleet, work.signal);
  try {
    return { report: await action(await connections.clients, lock, work), events };
  } finally {
    await connections.close();
    lock.release();
  }
}
