/**
 * The fleet's own profiles: each is synced to every server and project where an instance of the fleet names it. A profile of
 * the same name that the fleet did not make is never touched. Pure.
 */
import type { Fleet, Profile } from "../model/fleet.ts";
import type { DriftMode, Problem, ProfileChange } from "../model/plan.ts";
import { appliedOf, type Body, decodeApplied } from "./applied.ts";
import { checkProfile } from "./check-profile.ts";
import { differenceOf, isToChange, keptDrift } from "./compare.ts";
import type { ProfileWorld } from "./compare-profiles.ts";
import type { DesiredInstance } from "./desired.ts";
import { canonicalJson } from "./digest.ts";
import { label, profileAddress } from "./labels.ts";
import type { Observed, ObservedProfile, ObservedServer } from "./observed.ts";
import { bodyOfProfile, isOwnProfile, mergeProfile, ownProfile, usersOf } from "./own-profile.ts";
import { revertPending } from "./recovery.ts";

export interface PlannedProfiles {
  readonly changes: readonly ProfileChange[];
  readonly problems: readonly Problem[];
  /** The profiles of a project, now and when the changes are done. */
  worldOf(server: string, project: string): ProfileWorld;
  /** Own profiles of the instance that cannot be synced: then the instance cannot be planned. */
  isBlocked(desired: DesiredInstance): boolean;
}

/** `planned`: the instances of this plan. */
export function planProfiles(
  fleet: Fleet,
  planned: readonly DesiredInstance[],
  observed: Observed,
  mode: DriftMode,
): PlannedProfiles {
  const places = unique(
    planned.flatMap(({ server, project, own = {} }) => Object.keys(own).map((name) => ({ server, project, name }))),
  );
  const synced = places.flatMap((place) => syncProfile(fleet, place, planned, observed, mode) ?? []);
  const blocked = new Set(synced.flatMap((one) => (one.problems === undefined ? [] : [one.address])));
  return {
    changes: synced.flatMap(({ change }) => change ?? []),
    problems: synced.flatMap(({ problems }) => problems ?? []),
    worldOf: (server, project) => worldOf(observed.servers[server], project, fleet.name, server, synced),
    isBlocked: ({ server, project, own = {} }) =>
      Object.keys(own).some((name) => blocked.has(profileAddress({ server, project, name }))),
  };
}

// --- internal ---

interface ProfilePlace {
  readonly server: string;
  readonly project: string;
  readonly name: string;
}

interface Synced extends ProfilePlace {
  readonly address: string;
  readonly change?: ProfileChange;
  /** Then it is not changed, nor are the instances that name it. */
  readonly problems?: readonly Problem[];
  /** As it will be. */
  readonly after?: ObservedProfile;
}

function syncProfile(
  fleet: Fleet,
  place: ProfilePlace,
  planned: readonly DesiredInstance[],
  observed: Observed,
  mode: DriftMode,
): Synced | undefined {
  const world = observed.servers[place.server];
  const project = world?.ok ? world.projects[place.project] : undefined;
  const profile = ownProfile(fleet, place.name);
  // A server or project that is not there is said elsewhere.
  if (!world?.ok || project === undefined || profile === undefined) return undefined;
  const named = { ...place, address: profileAddress(place) };
  const found = project.profiles.find(({ name }) => name === place.name);
  if (found !== undefined && !isOwnProfile(found, fleet.name))
    return { ...named, problems: [foreignProblem(fleet.name, place, found)] };
  const type = planned.find(({ own = {} }) => Object.hasOwn(own, place.name))?.type ?? "container";
  const refusals = checkProfile({ profile, server: world, serverName: place.server, project, type });
  if (refusals.length > 0) return { ...named, problems: refusals };
  const strangers = strangersOf(world, place, planned);
  if (found === undefined) {
    const change: ProfileChange = { kind: "profile", ...named, action: "create", differences: [], notes: [] };
    return { ...named, change, after: afterOf(place.name, bodyOfProfile(profile)) };
  }
  const isInterrupted = found.config[label.pending] !== undefined;
  const before = revertPending(bodyOfProfile(found));
  const { body, settled } = mergeProfile(before, profile, mode);
  const differences = settled.filter(isToChange).map((one) => differenceOf(one));
  const drift = settled.flatMap(keptDrift);
  const isToUpdate = isInterrupted || differences.length > 0 || isLabelStale(profile, before);
  const change: ProfileChange = {
    kind: "profile",
    ...named,
    action: isToUpdate ? "update" : "none",
    differences: [
      ...(isInterrupted
        ? [{ key: "status", note: "an apply was interrupted here: its old content is put back first" }]
        : []),
      ...differences,
    ],
    ...(drift.length === 0 ? {} : { drift }),
    ...(isInterrupted ? { isInterrupted } : {}),
    notes: isToUpdate ? strangers : [],
  };
  return { ...named, change, after: afterOf(place.name, body) };
}

function afterOf(name: string, { config, devices, description }: Body): ObservedProfile {
  return { name, config, devices, description };
}

/** The declaration changed to what is there already. */
function isLabelStale(profile: Profile, { config }: Body): boolean {
  return canonicalJson(appliedOf(bodyOfProfile(profile))) !== canonicalJson(decodeApplied(config));
}

function foreignProblem(fleet: string, { server, name }: ProfilePlace, { config }: ObservedProfile): Problem {
  const owner = config[label.fleet];
  const whose = owner === undefined ? "was not made by floe" : `belongs to the fleet "${owner}"`;
  return {
    subject: `profile ${name}`,
    message: `Profile "${name}" exists on the server "${server}" and ${whose}`,
    hint: `Give yours another name; or refer to it without declaring it; or hand it over to floe: incus profile set ${name} ${label.fleet}=${fleet}`,
  };
}

/** Users that are not planned along: what counts at once reaches them too. */
function strangersOf(world: ObservedServer, place: ProfilePlace, planned: readonly DesiredInstance[]): string[] {
  const known = new Set(
    planned
      .filter(({ server, project }) => server === place.server && project === place.project)
      .map(({ name }) => name),
  );
  const names = usersOf(world, place.project, place.name)
    .filter(({ name, config }) => !known.has(config[label.instance] ?? name))
    .map(({ name }) => `"${name}"`);
  if (names.length === 0) return [];
  return [`It changes for ${names.join(", ")} too, which ${names.length === 1 ? "is" : "are"} not part of this plan`];
}

function worldOf(
  server: Observed["servers"][string] | undefined,
  project: string,
  fleet: string,
  name: string,
  synced: readonly Synced[],
): ProfileWorld {
  const found = server?.ok ? (server.projects[project]?.profiles ?? []) : [];
  const here = synced.filter((one) => one.server === name && one.project === project);
  const made = here.flatMap(({ after }) => (after === undefined ? [] : [after]));
  const before = found.map((profile) =>
    isOwnProfile(profile, fleet) ? afterOf(profile.name, revertPending(bodyOfProfile(profile))) : profile,
  );
  const others = before.filter((profile) => !made.some((one) => one.name === profile.name));
  return { before, after: [...others, ...made] };
}

function unique(places: readonly ProfilePlace[]): ProfilePlace[] {
  return [...new Map(places.map((place) => [profileAddress(place), place])).values()];
}
