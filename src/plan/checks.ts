/** What would make Incus refuse an instance, or floe touch what is not its own: found before anything is changed. Pure. */
import type { StringMap } from "../incus/types.ts";
import type { Problem } from "../model/plan.ts";
import { checkAbilities, checkImage } from "./check-image.ts";
import { isRoot } from "./classify.ts";
import { expand } from "./compare-profiles.ts";
import type { DesiredInstance } from "./desired.ts";
import { aliasDescription, fleetOfAlias, isOurs, label, physicalNames } from "./labels.ts";
import type { Group } from "./objects.ts";
import type { ObservedInstance, ObservedProject, ObservedServer } from "./observed.ts";
import { checkSchema } from "./schema.ts";

interface CheckInput {
  readonly fleet: string;
  readonly desired: DesiredInstance;
  readonly group: Group;
  readonly server: ObservedServer;
}

export function checkInstance(input: CheckInput): Problem[] {
  const project = input.server.projects[input.desired.project];
  if (project === undefined) return [missingProject(input.desired)];
  return [
    ...checkForeign(input),
    ...checkRenamed(input),
    ...checkImage(input, project),
    ...checkAbilities(input.desired, input.server.abilities),
    ...checkSchema(input.desired, input.server.schema),
    ...checkAlias(input, project),
    ...checkProfiles(input.desired, project),
    ...checkPools(input.desired, input.server),
    ...checkVolumes(input, project),
    ...checkNetworks(input.desired, project),
    ...checkRoot(input.desired, project),
  ];
}

// --- internal ---

function problem({ name }: DesiredInstance, message: string, hint: string): Problem {
  return { subject: `instance ${name}`, message, hint };
}

function missingProject(desired: DesiredInstance): Problem {
  return problem(
    desired,
    `The Incus project "${desired.project}" does not exist on the server "${desired.server}"`,
    `Create it: incus project create ${desired.project}`,
  );
}

function checkForeign({ fleet, desired, group }: CheckInput): Problem[] {
  return group.foreign.map((found) => {
    const { message, hint } = foreignWords(`Instance "${found.name}"`, found.config, fleet, desired);
    return problem(
      desired,
      message,
      hint ?? `Rename or delete it, or give yours another name: incus rename ${found.name} ${found.name}-old`,
    );
  });
}

/** Somebody renamed the instance: a new one beside it would write to the same volumes and mounts. */
function checkRenamed({ fleet, desired, group, server }: CheckInput): Problem[] {
  const { current, outgoing, next } = group.objects;
  if (current !== undefined || outgoing !== undefined || next !== undefined) return [];
  return server.instances
    .filter(({ project }) => project === desired.project)
    .filter(({ config }) => isOurs(config, fleet, desired.name) && config[label.role] === "current")
    .map(({ name, status }) => {
      const stop = status === "running" ? `incus stop ${name} && ` : "";
      return problem(
        desired,
        `Instance "${name}" on the server "${desired.server}" is this one under another name`,
        `Give it its name back: ${stop}incus rename ${name} ${desired.name}\nor keep it as yours, and floe makes another: incus config unset ${name} ${label.fleet}`,
      );
    });
}

function foreignWords(
  what: string,
  config: StringMap,
  fleet: string,
  desired: DesiredInstance,
): { message: string; hint?: string } {
  const owner = config[label.fleet];
  const place = `on the server "${desired.server}"`;
  if (owner === undefined) return { message: `${what} exists ${place} and was not made by floe` };
  if (owner !== fleet) return { message: `${what} exists ${place} and belongs to the fleet "${owner}"` };
  return {
    message: `${what} exists ${place} and belongs to the instance "${config[label.instance] ?? "?"}" of this fleet`,
  };
}

/** Aliases are for people; one that somebody else set is theirs. */
function checkAlias({ fleet, desired }: CheckInput, project: ObservedProject): Problem[] {
  const { foreign } = desired.image;
  if (foreign !== undefined && foreign.server === undefined) return [];
  const alias = project.images.flatMap((image) => image.aliases).find(({ name }) => name === desired.container);
  if (alias === undefined || alias.description === aliasDescription(fleet)) return [];
  const owner = fleetOfAlias(alias.description);
  const hint =
    owner === undefined
      ? `Give it another name: incus image alias rename ${desired.container} ${desired.container}-old`
      : "The alias is named like the container: rename your container's file";
  return [
    {
      subject: `container ${desired.container}`,
      message: `The image alias "${desired.container}" exists on the server "${desired.server}" and ${owner === undefined ? "was not made by floe" : `belongs to the fleet "${owner}"`}`,
      hint,
    },
  ];
}

function checkProfiles(desired: DesiredInstance, project: ObservedProject): Problem[] {
  const known = project.profiles.map(({ name }) => name);
  return desired.profiles
    .filter((profile) => !known.includes(profile))
    .map((profile) =>
      problem(
        desired,
        `There is no profile "${profile}" in the project "${desired.project}" of the server "${desired.server}"`,
        `Profiles there: ${known.join(", ") || "none"}`,
      ),
    );
}

function checkPools(desired: DesiredInstance, server: ObservedServer): Problem[] {
  const named = [
    ...desired.volumes.map(({ pool }) => pool),
    ...Object.values(desired.devices).flatMap(({ type, pool }) =>
      type === "disk" && pool !== undefined ? [pool] : [],
    ),
  ];
  return [...new Set(named)]
    .filter((pool) => !server.pools.includes(pool))
    .map((pool) =>
      problem(
        desired,
        `There is no storage pool "${pool}" on the server "${desired.server}"`,
        `Pools there: ${server.pools.join(", ") || "none"}`,
      ),
    );
}

function checkVolumes({ fleet, desired, server }: CheckInput, project: ObservedProject): Problem[] {
  return desired.volumes.flatMap(({ pool, name, existing }) => {
    const found = project.volumes[pool]?.find((volume) => volume.name === name);
    if (existing && found === undefined && server.pools.includes(pool)) {
      return [
        problem(
          desired,
          `The volume "${name}" is said to exist, but is not in the pool "${pool}"`,
          "Without existing: true floe makes it",
        ),
      ];
    }
    if (existing || found === undefined || found.config[label.fleet] === fleet) return [];
    const { message } = foreignWords(`Volume "${name}" of the pool "${pool}"`, found.config, fleet, desired);
    return [problem(desired, message, "To attach it as it is, say existing: true; floe never deletes a volume")];
  });
}

function checkNetworks(desired: DesiredInstance, project: ObservedProject): Problem[] {
  const known = project.networks;
  return Object.values(desired.devices).flatMap((device) => {
    if (device["type"] !== "nic") return [];
    const { network, parent } = device;
    if (network !== undefined && !known.some((candidate) => candidate.managed && candidate.name === network)) {
      return [
        problem(
          desired,
          `There is no Incus network "${network}" on the server "${desired.server}"`,
          bridgeHint(
            known.map(({ name }) => name),
            network,
          ),
        ),
      ];
    }
    if (parent === undefined || known.some(({ name }) => name === parent)) return [];
    return [
      problem(
        desired,
        `There is no network interface "${parent}" on the server "${desired.server}"`,
        `Interfaces there: ${known.map(({ name }) => name).join(", ") || "none"}`,
      ),
    ];
  });
}

function bridgeHint(names: readonly string[], network: string): string {
  return names.includes(network)
    ? `It is a bridge that Incus does not manage: say bridge: "${network}"`
    : `Networks there: ${names.join(", ") || "none"}`;
}

function checkRoot(desired: DesiredInstance, project: ObservedProject): Problem[] {
  const inherited = expand(desired.profiles, project.profiles).devices;
  const roots = Object.entries({ ...inherited, ...desired.devices }).filter(([, device]) => isRoot(device));
  const own = Object.entries(desired.devices).find(([, device]) => isRoot(device))?.[0];
  const other = roots.find(([name]) => name !== own)?.[0];
  if (own !== undefined && other !== undefined)
    return [
      problem(
        desired,
        `It has two root disks: its own device "${own}", and "${other}" of its profiles`,
        `A profile's is replaced under its own name: devices: { ${other}: { type: "disk", path: "/", pool: "..." } }`,
      ),
    ];
  if (roots.length > 0) return [];
  // A profile that is missing is said already.
  if (desired.profiles.some((profile) => !project.profiles.some(({ name }) => name === profile))) return [];
  return [
    problem(
      desired,
      'It has no root disk: neither its profiles nor its devices have a disk with path "/"',
      `For example root: { pool: "default" }`,
    ),
  ];
}

/** An instance that is frozen cannot be stopped cleanly, so nothing is done to it unasked. */
export function checkFrozen(
  desired: DesiredInstance,
  current: ObservedInstance | undefined,
  needsChange: boolean,
): Problem[] {
  if (!needsChange || current?.status !== "frozen") return [];
  return [
    problem(desired, `Instance "${desired.name}" is frozen`, `Let it run again first: incus resume ${desired.name}`),
  ];
}

/** Names of one instance that are another's while it is swapped. */
export function checkNames(desired: readonly DesiredInstance[]): Problem[] {
  return desired.flatMap((one) => {
    const taken: string[] = Object.values(physicalNames(one.name)).slice(1);
    const rival = desired.find(
      (other) => other.server === one.server && other.project === one.project && taken.includes(other.name),
    );
    return rival === undefined
      ? []
      : [problem(rival, `Its name is the one that "${one.name}" gets while it is swapped`, "Choose another name")];
  });
}
