/** Desired and observed to a plan. Pure but for the hash. */
import type { SourcePosition } from "../errors.ts";
import type { Evaluation, EvaluationError } from "../model/evaluation.ts";
import { type Fleet, type Instance, instancesOf } from "../model/fleet.ts";
import {
  type Change,
  type DriftMode,
  type ImageChange,
  type InstanceChange,
  makesRoot,
  type OrphanProfile,
  type Plan,
  type Problem,
  type VolumeChange,
} from "../model/plan.ts";
import { defined } from "../util/defined.ts";
import { basisOf } from "./basis.ts";
import { storeProblems } from "./check-store.ts";
import { checkFrozen, checkInstance, checkNames } from "./checks.ts";
import { type DesiredInstance, desiredInstance, imageFor } from "./desired.ts";
import { diffInstance } from "./diff.ts";
import type { StepTimes } from "./downtime.ts";
import { findForeign } from "./foreign-images.ts";
import { imageIn } from "./images.ts";
import { imageAddress, instanceAddress, label, volumeAddress } from "./labels.ts";
import { groupOf, instancesOfFleet } from "./objects.ts";
import type { Observed, ObservedInstance, ObservedProject, ObservedServer } from "./observed.ts";
import { orphanProfiles, profileDeletion } from "./orphan-profiles.ts";
import { withProfiles } from "./own-profile.ts";
import { portProblems } from "./ports.ts";
import { type PlannedProfiles, planProfiles } from "./profiles.ts";
import { arrange, cycleProblems } from "./rollout.ts";
import { checkStrategy } from "./strategy.ts";

export interface PlanInput {
  readonly fleet: Fleet;
  readonly evaluation: Evaluation;
  readonly observed: Observed;
  /** Addresses (`SERVER/PROJECT/NAME`) of the instances to plan; absent or null: all. */
  readonly selection?: readonly string[] | null;
  /** Plan the deletion of orphans; only for a plan of the whole fleet. */
  readonly prune?: boolean;
  /** The first instance of each image goes alone. */
  readonly canary?: boolean;
  /** Where the user wrote what a problem is about. */
  readonly locate?: (subject: string, keys: readonly string[]) => SourcePosition | undefined;
  /** What becomes of changes by hand; default `keep`. */
  readonly drift?: DriftMode;
  /** What the steps of each instance took earlier, by its address; asked only for instances that change. */
  readonly stepTimes?: (address: string) => StepTimes | undefined;
}

export function makePlan(input: PlanInput): Plan {
  const { fleet, observed, selection = null, prune = false, canary = false, drift = "keep" } = input;
  const chosen = instancesOf(fleet).filter(
    (instance) => selection === null || selection.includes(instanceAddress(instance)),
  );
  const { desired: bare, problems } = desire(chosen, input);
  const desired = bare.map((instance) => withProfiles(instance, fleet, drift));
  const everyone = selection === null ? bare : desire(instancesOf(fleet), input).desired;
  const profiles = planProfiles(fleet, desired, observed, drift);
  const nameProblems = [...checkNames(desired), ...cycleProblems(chosen)];
  const misnamed = new Set(nameProblems.map(({ subject }) => subject));
  const named = desired.filter(({ name }) => !misnamed.has(`instance ${name}`));
  const planned = named.map((instance) => planInstance(input, instance, profiles, everyone));
  const sound = planned.filter((one): one is Sound => one.ok);
  const order = arrange(
    fleet,
    sound.map(({ change }) => change),
    { canary },
  );
  const twins = twinProblems(observed);
  // Under its other name everything on such a server would look like a leftover.
  const isWhole = selection === null && twins.length === 0;
  const orphans = isWhole ? findOrphans(fleet, observed) : [];
  const stale = isWhole ? findOrphanProfiles(fleet, observed, prune ? orphans : []) : [];
  const changes: Change[] = [
    ...planVolumes(sound),
    ...planImages(fleet.name, sound, observed),
    ...profiles.changes,
    ...order.changes,
    ...(prune ? orphans.map(deletion) : []),
    ...(prune ? stale.filter(({ usedBy }) => usedBy.length === 0).map(profileDeletion) : []),
  ];
  return {
    version: 1,
    fleet: fleet.name,
    changes,
    problems: unique([
      ...problems,
      ...nameProblems,
      ...serverProblems(desired, observed),
      ...twins,
      ...profiles.problems,
      ...planned.flatMap((one) => one.problems),
    ]).map((problem) => placed(problem, input)),
    selection,
    prune,
    ...(drift === "keep" ? {} : { drift }),
    waves: order.waves,
    ...(canary ? { canary } : {}),
    orphans: orphans.map(({ server, project, name }) => ({ server, project, name })),
    ...(stale.length === 0 ? {} : { orphanProfiles: stale }),
    basis: basisOf({ fleet: fleet.name, desired, observed, orphans, orphanProfiles: stale }),
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
  { fleet, evaluation, observed }: PlanInput,
): { readonly desired: DesiredInstance[]; readonly problems: Problem[] } {
  const desired: DesiredInstance[] = [];
  const problems: Problem[] = [];
  for (const instance of instances) {
    const image = imageFor(instance, { fleet, evaluation }, (foreign) =>
      findForeign(foreign, projectOf(observed, instance)),
    );
    if (image === undefined) {
      problems.push(evaluationProblem(instance.container, evaluation));
      continue;
    }
    const result = desiredInstance(instance, image);
    const found = [...result.problems, ...storeProblems(instance, fleet)];
    problems.push(...found);
    if (found.length === 0) desired.push(result.instance);
  }
  return { desired, problems };
}

function projectOf({ servers }: Observed, { server, project }: Instance): ObservedProject | undefined {
  const world = servers[server];
  return world?.ok ? world.projects[project] : undefined;
}

function evaluationProblem(container: string, evaluation: Evaluation): Problem {
  const image = evaluation.images[container];
  const error: EvaluationError | undefined = image?.ok === false ? image.error : undefined;
  const { message = "It was not evaluated", file, line, column, hint, related } = error ?? {};
  return { subject: `container ${container}`, message, ...defined({ file, line, column, hint, related }) };
}

function planInstance(
  { fleet: { name: fleet }, observed, stepTimes }: PlanInput,
  desired: DesiredInstance,
  profiles: PlannedProfiles,
  everyone: readonly DesiredInstance[],
): Sound | Unsound {
  const server = observed.servers[desired.server];
  if (server === undefined || !server.ok || profiles.isBlocked(desired)) return { ok: false, problems: [] };
  const world = profiles.worldOf(desired.server, desired.project);
  const group = groupOf(server.instances, fleet, desired.project, desired.name);
  const found = [
    ...checkInstance({ fleet, desired, group, server: withProfilesOf(server, desired.project, world.after) }),
    ...portProblems(fleet, desired, server, everyone),
  ];
  if (found.length > 0) return { ok: false, problems: found };
  const change = diffInstance(desired, group.objects, world, () => stepTimes?.(desired.address));
  const { current } = group.objects;
  const images = server.projects[desired.project]?.images ?? [];
  const obstacles = [
    ...checkFrozen(desired, current, change.action !== "none"),
    ...checkStrategy({ desired, change, current, images, profiles: world.after, everyone }),
  ];
  return obstacles.length > 0
    ? { ok: false, problems: obstacles }
    : { ok: true, desired, server, change, problems: [] };
}

/** The server as it is when the fleet's own profiles are synced. */
function withProfilesOf(server: ObservedServer, name: string, profiles: ObservedProject["profiles"]): ObservedServer {
  const project = server.projects[name];
  if (project === undefined) return server;
  return { ...server, projects: { ...server.projects, [name]: { ...project, profiles } } };
}

function findOrphanProfiles(fleet: Fleet, observed: Observed, leaving: readonly Orphan[]): OrphanProfile[] {
  const isLeaving = (server: string, { project, config }: ObservedInstance): boolean =>
    config[label.fleet] === fleet.name &&
    leaving.some((one) => one.server === server && one.project === project && one.name === config[label.instance]);
  return orphanProfiles(fleet, instancesOf(fleet), observed, isLeaving);
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
      .map(({ pool, name, config }): VolumeChange => {
        const place = { server: desired.server, project: desired.project, pool, name };
        const isThere =
          server.projects[desired.project]?.volumes[pool]?.some((volume) => volume.name === name) ?? false;
        const action = isThere ? "none" : "create";
        return { kind: "volume", address: volumeAddress(place), ...place, action, ...defined({ config }) };
      }),
  );
  return [...new Map(changes.map((change) => [change.address, change])).values()];
}

/** One image for each container, server and project. */
function planImages(fleet: string, sound: readonly Sound[], observed: Observed): ImageChange[] {
  const changes = sound.filter(needsImage).map(({ desired, server }): ImageChange => {
    const { container, project, image } = desired;
    const found = imageIn(server, { fleet, project, container, image });
    const previousRootfs = currentRootfs(fleet, desired, observed);
    // The aliases of an image that was there before floe are not floe's to move.
    const isAliased =
      image.foreign?.here !== undefined || found?.aliases.some(({ name }) => name === container) === true;
    return {
      kind: "image",
      address: imageAddress(desired),
      container,
      server: desired.server,
      project,
      action: found === undefined ? "create" : isAliased ? "none" : "update",
      rootfs: image.rootfs,
      metadata: image.metadata,
      ...defined({ foreign: image.foreign, previousRootfs, fingerprint: found?.fingerprint }),
    };
  });
  return [...new Map(changes.map((change) => [change.address, change])).values()];
}

/** The image of an instance that is updated in place is for new roots only; so is one that the server has no more. */
function needsImage({ desired: { image }, change }: Sound): boolean {
  const methods = [change.method, change.then];
  const isGone = image.foreign !== undefined && image.foreign.server === undefined && image.foreign.here === undefined;
  return (image.system === undefined && !isGone) || methods.some((method) => method != null && makesRoot(method));
}

function currentRootfs(fleet: string, desired: DesiredInstance, observed: Observed): string | undefined {
  const server = observed.servers[desired.server];
  if (!server?.ok) return undefined;
  return groupOf(server.instances, fleet, desired.project, desired.name).objects.current?.config[label.rootfs];
}

/** One daemon under two names. */
function twinProblems({ servers }: Observed): Problem[] {
  const byIdentity = new Map<string, string[]>();
  for (const [name, server] of Object.entries(servers))
    if (server.ok && server.identity !== undefined)
      byIdentity.set(server.identity, [...(byIdentity.get(server.identity) ?? []), name]);
  return [...byIdentity.values()].flatMap(([first, ...others]) =>
    others.map((other) => ({
      subject: `servers ${first} and ${other}`,
      message: "They are one and the same Incus",
      hint: "Keep one of the two names: what is described under one would be a leftover under the other",
    })),
  );
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
      .map((one) => ({ server, ...one }))
      .filter((orphan) => !declared.has(instanceAddress(orphan)))
      .map((orphan) => ({ ...orphan, container: containerOf(world, fleet.name, orphan.project, orphan.name) }));
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

/** With the line, where there is none yet and it can be found. */
function placed({ keys = [], ...problem }: Problem, { locate }: PlanInput): Problem {
  const at = problem.file === undefined ? locate?.(problem.subject, keys) : undefined;
  return at === undefined ? problem : { ...problem, ...at };
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.subject}\n${problem.message}`, problem])).values()];
}
