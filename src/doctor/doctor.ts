/** `floe doctor`: is this machine, and the project if there is one, ready? Looks only, changes nothing. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadFleet } from "../config/load.ts";
import { projectIn } from "../config/project-above.ts";
import { FloeError } from "../errors.ts";
import { socketPath } from "../incus/socket.ts";
import type { Fleet, Server } from "../model/fleet.ts";
import { type Finding, finding } from "./finding.ts";
import { checkIncus } from "./incus.ts";
import { checkDisk, checkFirnPrograms, checkGit, checkNode } from "./machine.ts";
import { checkNix } from "./nix.ts";
import { checkProjectFolder } from "./project.ts";

export interface DiagnoseOptions {
  /** The project's folder; undefined outside a project. */
  readonly root: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** Every finding, in the order in which a person would mend them. */
export async function diagnose({ root, env, signal }: DiagnoseOptions): Promise<Finding[]> {
  const { fleet, findings } = await readProject(root);
  const cacheDir =
    root === undefined ? join(tmpdir(), `floe-doctor-${process.getuid?.() ?? 0}`) : join(root, ".floe", "cache");
  const servers: readonly Server[] =
    fleet === undefined ? [{ name: "local", kind: "unix" }] : Object.values(fleet.servers);
  const [nix, incus, disks] = await Promise.all([
    checkNix({ cacheDir, env, ...(signal === undefined ? {} : { signal }) }),
    Promise.all(servers.map((server) => checkIncus(server, signal))),
    checkDisks(servers, env),
  ]);
  const firn = fleet === undefined || !usesFirn(fleet) ? [] : [checkFirnPrograms(env)];
  return [checkNode(process.version), ...nix, ...incus.flat(), ...firn, checkGit(env), ...disks, ...findings];
}

// --- internal ---

async function readProject(root: string | undefined): Promise<{ fleet?: Fleet; findings: Finding[] }> {
  const say = finding("project", "config");
  if (root === undefined || projectIn(root) === undefined)
    return { findings: [say("info", "No project here: only the machine was looked at")] };
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

/** An input in the project's own folder that takes programs from this machine brings the script for it. */
function usesFirn(fleet: Fleet): boolean {
  return Object.values(fleet.inputs).some(
    (input) => input.kind === "path" && existsSync(join(fleet.root, input.path, "add-base.sh")),
  );
}

async function checkDisks(servers: readonly Server[], env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const store = checkDisk("store", "/nix/store", "the Nix store");
  const local = servers.find((server) => server.kind === "unix");
  const socket = local?.kind === "unix" ? socketPath(local.socket, env) : undefined;
  return Promise.all(
    socket === undefined || !existsSync(socket) ? [store] : [store, checkDisk("incus", dirname(socket), "Incus")],
  );
}
