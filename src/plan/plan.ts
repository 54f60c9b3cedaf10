/** Desired and observed to a plan. Pure but for the hash. */
import type { Evaluation, EvaluationError } from "../model/evaluation.ts";
import { type Fleet, type Instance, instancesOf } from "../model/fleet.ts";
import type { Change, ImageChange, InstanceChange, Plan, Problem, VolumeChange } from "../model/plan.ts";
import { defined } from "../util/defined.ts";
import { basisOf } from "./basis.ts";
import { checkFrozen, checkInstance, checkNames } from "./checks.ts";
import { type DesiredInstance, desiredImage, desiredInstance } from "./desired.ts";
import { diffInstance } from "./diff.ts";
import { imageIn } from "./images.ts";
import { imageAddress, instanceAddress, label, volumeAddress } from "./labels.ts";
import { groupOf, instancesOfFleet } from "./objects.ts";
import type { Observed, ObservedServer } from "./observed.ts";
import { portProblems } from "./ports.ts";

export interface PlanInput {
  readonly fleet: Fleet;
  readonly evaluation: Evaluation;
  readonly observed: Observed;
  /** Addresses (`SERVER/PROJECT/NAME`) of the instances to plan; absent or null: all. */
  readonly selection?: readonly string[] | null;
  /** Plan the deletion of orphans; only for a plan of the whole fleet. */
  readonly prune?: boolean;
}

export function makePlan(input: PlanInput): Plan {
  const { fleet, evaluation, observed, selection = null, prune = false } = input;
  const chosen = instancesOf(fleet).filter(
    (instance) => selection === null || selection.includes(instanceAddress(instance)),
  );
  const { desired, problems } = desire(chosen, evaluation);
  const everyone = desire(instancesOf(fleet), evaluation).desired;
  const nameProblems = checkNames(desired);
  const misnamed = new Set(nameProblems.map(({ subject }) => subject));
  const named = desired.filter(({ name }) => !misnamed.has(`instance ${name}`));
  const planned = named.map((instance) => planInstance(fleet.name, instance, observed, everyone));
  const sound = planned.filter((one): one is Sound => one.ok);
  const orphans = selection === null ? findOrphans(fleet, observed) : [];
  const changes: Change[] = [
    ...planVolumes(sound),
    ...planImages(fleet.name, sound, observed),
    ...sound.map(({ change }) => change),
    ...(prune ? orphans.map(deletion) : []),
  ];
  return {
    version: 1,
    fleet: fleet.name,
    changes,
    problems: unique([
      ...problems,
      ...nameProblems,
      ...serverProblems(desired, observed),
      ...planned.flatMap((one) => one.problems),
    ]),
    selection,
    prune,
    orphans: orphans.map(({ server, project, name }) => ({ server, project, name })),
    basis: basisOf({ fleet: fleet.name, desired, observed, orphans }),
  };
}

/** True when `plan` was made from another world, or for another fleet, than `fresh`. */
export function isStale(plan: Plan, fresh: Plan): boolean {
  return plan.fleet !== fresh.fleet || plan.basis !== fresh.basis;
}

// --- internal ---

interface Sound {
  readonly ok: true;
  readonly desired: DesiredInstance;
  readonly server: ObservedServer;
  readonly change: InstanceChange;
  readonly problems: readonly Problem[];
}
interface Unsound {
  readonly ok: false;
  readonly problems: readonly Problem[];
}

function desire(
  instances: readonly Instance[],
  evaluation: Evaluation,
): { readonly desired: DesiredInstance[]; readonly problems: Problem[] } {
  const desired: DesiredInstance[] = [];
  const problems: Problem[] = [];
  for (const instance of instances) {
    const image = desiredImage(evaluation, instance.container);
    if (image === undefined) {
      problems.push(evaluationProblem(instance.container, evaluation));
      continue;
    }
    const result = desiredInstance(instance, image);
    problems.push(...result.problems);
    if (result.problems.length === 0) desired.push(result.instance);
  }
  return { desired, problems };
}

function evaluationProblem(container: string, evaluation: Evaluation): Problem {
  const image = evaluation.images[container];
  const error: EvaluationError | undefined = image?.ok === false ? image.error : undefined;
  const { message = "It was not evaluated", file, line, column, hint, related } = error ?? {};
  return { subject: `container ${container}`, message, ...defined({ file, line, column, hint, related }) };
}

function planInstance(
  fleet: string,
  desired: DesiredInstance,
  observed: Observed,
  everyone: readonly DesiredInstance[],
): Sound | Unsound {
  const server = observed.servers[desired.server];
  if (server === undefined || !server.ok) return { ok: false, problems: [] };
  const group = groupOf(server.instances, fleet, desired.project, desired.name);
  const found = [
    ...checkInstance({ fleet, desired, group, server }),
    ...portProblems(fleet, desired, server, everyone),
  ];
  if (found.length > 0) return { ok: false, problems: found };
  const change = diffInstance(desired, group.objects, server.projects[desired.project]?.profiles ?? []);
  const frozen = checkFrozen(desired, group.objects.current, change.action !== "none");
  return frozen.length > 0 ? { ok: false, problems: frozen } : { ok: true, desired, server, change, problems: [] };
}

function serverProblems(desired: readonly DesiredInstance[], observed: Observed): Problem[] {
  return [...new Set(desired.map(({ server }) => server))].flatMap((name) => {
    const server = observed.servers[name];
    if (server?.ok) return [];
    const { message, hint } = server ?? { message: "There is no client for this server", hint: undefined };
    return [{ subject: `server ${name}`, message, ...defined({ hint }) }];
  });
}

function planVolumes(sound: readonly Sound[]): VolumeChange[] {
  const changes = sound.flatMap(({ desired, server }) =>
    desired.volumes
      .filter(({ existing }) => !existing)
      .map(({ pool, name }): VolumeChange => {
        const place = { server: desired.server, project: desired.project, pool, name };
        const isThere =
          server.projects[desired.project]?.volumes[pool]?.some((volume) => volume.name === name) ?? false;
        return { kind: "volume", address: volumeAddress(place), ...place, action: isThere ? "none" : "create" };
      }),
  );
  return [...new Map(changes.map((change) => [change.address, change])).values()];
}

/** One image for each container, server and project. */
function planImages(fleet: string, sound: readonly Sound[], observed: Observed): ImageChange[] {
  const changes = sound.map(({ desired, server }): ImageChange => {
    const { container, project, image } = desired;
    const found = imageIn(server, { fleet, project, container, image });
    const previousRootfs = currentRootfs(fleet, desired, observed);
    const isAliased = found?.aliases.some(({ name }) => name === container) ?? false;
    return {
      kind: "image",
      address: imageAddress(desired),
      container,
      server: desired.server,
      project,
      action: found === undefined ? "create" : isAliased ? "none" : "update",
      ...image,
      ...defined({ previousRootfs, fingerprint: found?.fingerprint }),
    };
  });
  return [...new Map(changes.map((change) => [change.address, change])).values()];
}

function currentRootfs(fleet: string, desired: DesiredInstance, observed: Observed): string | undefined {
  const server = observed.servers[desired.server];
  if (!server?.ok) return undefined;
  return groupOf(server.instances, fleet, desired.project, desired.name).objects.current?.config[label.rootfs];
}

interface Orphan {
  readonly server: string;
  readonly project: string;
  readonly name: string;
  readonly container: string;
}

function findOrphans(fleet: Fleet, observed: Observed): Orphan[] {
  const declared = new Set(instancesOf(fleet).map(instanceAddress));
  return Object.entries(observed.servers).flatMap(([server, world]) => {
    if (!world.ok) return [];
    return instancesOfFleet(world.instances, fleet.name)
      .map((one) => ({ server, ...one, container: containerOf(world, fleet.name, one.project, one.name) }))
      .filter((orphan) => !declared.has(instanceAddress(orphan)));
  });
}

function containerOf(world: ObservedServer, fleet: string, project: string, name: string): string {
  const objects = Object.values(groupOf(world.instances, fleet, project, name).objects);
  return objects[0]?.config[label.container] ?? "";
}

function deletion(orphan: Orphan): InstanceChange {
  return {
    kind: "instance",
    address: instanceAddress(orphan),
    ...orphan,
    action: "delete",
    method: "delete",
    differences: [],
    notes: ["It is no longer described; its volumes stay"],
  };
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.subject}\n${problem.message}`, problem])).values()];
}
