/** `floe doctor`: is this machine, and the project if there is one, ready? Looks only, changes nothing. */
import { existsSync, lstatSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadFleet } from "../config/load.ts";
import { projectIn } from "../config/project-above.ts";
import { FloeError } from "../errors.ts";
import { socketPath } from "../incus/socket.ts";
import type { Fleet, Server } from "../model/fleet.ts";
import { type Area, areas, type Finding, finding } from "./finding.ts";
import { checkRepository } from "./git.ts";
import { checkHosts } from "./hosts.ts";
import { checkIncus } from "./incus.ts";
import { checkFlakeLock } from "./lock.ts";
import { checkClock, checkDisk, checkFirnPrograms, checkGit, checkNode } from "./machine.ts";
import { checkNightly } from "./nightly.ts";
import { checkNix } from "./nix.ts";
import { checkProjectFolder } from "./project.ts";
import { checkServe } from "./serve.ts";
import { checkShells } from "./shells.ts";
import { checkTools, checkTypeScript } from "./tools.ts";
import { areasFor } from "./verbs.ts";
import { canHold } from "./writable.ts";

export interface DiagnoseOptions {
  /** The project's folder; undefined outside a project. */
  readonly root: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Only what this verb needs. */
  readonly verb?: string | undefined;
  /** Connect to the hosts. */
  readonly askHosts?: boolean;
  readonly signal: AbortSignal;
}

/** Every finding, in the order in which a person would mend them. @throws UsageError for what is no verb, CancelledError */
export async function diagnose({ root, env, verb, askHosts = false, signal }: DiagnoseOptions): Promise<Finding[]> {
  const wanted = areasFor(verb);
  const { fleet, findings } = await readProject(root);
  const lock = root === undefined ? { findings: [] } : checkFlakeLock(root, fleet);
  const looks: Readonly<Record<Area, () => Promise<readonly Finding[]> | readonly Finding[]>> = {
    floe: () => [checkNode(process.version), checkClock(Date.now(), timesKnown(root, lock.newestMs))],
    nix: () => checkNix({ cacheDir: cacheFolder(root), env, signal }),
    incus: () => checkServers(fleet, signal),
    programs: () => [checkGit(env), ...(fleet !== undefined && usesFirn(fleet) ? [checkFirnPrograms(env)] : [])],
    disk: () => checkDisks(fleet, root, env),
    project: () => [...findings, ...lock.findings],
    git: () => (root === undefined ? [] : checkRepository(root, fleet, signal)),
    tools: () => [checkTypeScript(root), ...(fleet === undefined ? [] : checkTools(fleet))],
    hosts: () => (fleet === undefined ? [] : checkHosts(fleet, { env, ask: askHosts, signal })),
    shells: () => (fleet === undefined ? [] : checkShells(fleet, env)),
    nightly: () => (fleet === undefined ? [] : checkNightly(fleet)),
    serve: () => checkServe(root, fleet),
  };
  const all = await Promise.all(
    areas.filter((area) => wanted.has(area) || (askHosts && area === "hosts")).map((area) => looks[area]()),
  );
  return all.flat();
}

// --- internal ---

async function readProject(root: string | undefined): Promise<{ fleet?: Fleet; findings: Finding[] }> {
  const say = finding("project", "config");
  if (root === undefined || projectIn(root) === undefined)
    return { findings: [say("info", "No project here: only the machine was looked at", "floe init")] };
  const folder = await checkProjectFolder(root);
  try {
    const fleet = await loadFleet(root);
    return { fleet, findings: [say("ok", `project ${fleet.name} (${root})`), ...folder] };
  } catch (error) {
    if (!(error instanceof FloeError)) throw error;
    const place = error.at === undefined ? "" : ` at ${error.at.file}:${error.at.line}`;
    return {
      findings: [
        say("fail", `The project does not load${place}: ${error.message}`, error.hint ?? "floe check shows the place"),
        ...folder,
      ],
    };
  }
}

/** The project's own, unless there is none or it cannot be written: that is told, and nix is looked at all the same. */
function cacheFolder(root: string | undefined): string {
  const own = root === undefined ? undefined : join(root, ".floe", "cache");
  return own !== undefined && canHold(own) ? own : join(tmpdir(), `floe-doctor-${process.getuid?.() ?? 0}`);
}

/** Moments that are past for certain. */
function timesKnown(root: string | undefined, lockMs = 0): { what: string; ms: number }[] {
  const config = root === undefined ? undefined : lstatSync(join(root, "floe.config.ts"), { throwIfNoEntry: false });
  return [
    { what: "the newest input in flake.lock", ms: lockMs },
    ...(config === undefined ? [] : [{ what: "floe.config.ts", ms: config.mtimeMs }]),
  ];
}

/** A fleet without containers needs no Incus of this machine. */
async function checkServers(fleet: Fleet | undefined, signal: AbortSignal): Promise<Finding[]> {
  const servers: readonly Server[] =
    fleet === undefined ? [{ name: "local", kind: "unix" }] : Object.values(fleet.servers);
  const found = (await Promise.all(servers.map((server) => checkIncus(server, signal)))).flat();
  const isNeeded =
    fleet === undefined || Object.keys(fleet.containers).length > 0 || servers.some(({ kind }) => kind === "https");
  if (isNeeded) return found;
  return found.map((item) => (item.status === "fail" ? { ...item, status: "info" as const } : item));
}

/** An input in the project's own folder that takes programs from this machine brings the script for it. */
function usesFirn(fleet: Fleet): boolean {
  return Object.values(fleet.inputs).some(
    (input) => input.kind === "path" && existsSync(join(fleet.root, input.path, "add-base.sh")),
  );
}

async function checkDisks(
  fleet: Fleet | undefined,
  root: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  const local = Object.values(fleet?.servers ?? {}).find((server) => server.kind === "unix");
  const socket =
    fleet === undefined
      ? socketPath(undefined, env)
      : local?.kind === "unix"
        ? socketPath(local.socket, env)
        : undefined;
  return Promise.all([
    checkDisk("store", "/nix/store", "the Nix store"),
    ...(socket !== undefined && existsSync(socket) ? [checkDisk("incus", dirname(socket), "Incus")] : []),
    ...(root === undefined ? [] : [checkDisk("project", root, "the project")]),
    checkDisk("temporary", tmpdir(), "temporary files"),
  ]);
}
