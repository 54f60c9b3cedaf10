/** The fleet's profiles that none of its instances names any more. Pure. */
import type { Fleet } from "../model/fleet.ts";
import type { OrphanProfile, ProfileChange } from "../model/plan.ts";
import type { DesiredInstance } from "./desired.ts";
import { profileAddress } from "./labels.ts";
import type { Observed, ObservedInstance } from "./observed.ts";
import { isOwnProfile, ownProfile, usersOf } from "./own-profile.ts";

/** Own profiles that no instance of the fleet names. `leaving`: objects that are deleted by the same plan. */
export function orphanProfiles(
  fleet: Fleet,
  everyone: readonly Pick<DesiredInstance, "server" | "project" | "profiles">[],
  observed: Observed,
  isLeaving: (server: string, instance: ObservedInstance) => boolean,
): OrphanProfile[] {
  return Object.entries(observed.servers).flatMap(([server, world]) => {
    if (!world.ok) return [];
    return Object.entries(world.projects).flatMap(([project, { profiles }]) => {
      const named = new Set(
        everyone
          .filter((one) => one.server === server && one.project === project)
          .flatMap((one) => one.profiles.filter((name) => ownProfile(fleet, name) !== undefined)),
      );
      return profiles
        .filter((profile) => isOwnProfile(profile, fleet.name) && !named.has(profile.name))
        .map(({ name }) => ({
          server,
          project,
          name,
          usedBy: usersOf(world, project, name)
            .filter((instance) => !isLeaving(server, instance))
            .map((instance) => instance.name),
        }));
    });
  });
}

export function profileDeletion({ server, project, name }: OrphanProfile): ProfileChange {
  const place = { server, project, name };
  return {
    kind: "profile",
    address: profileAddress(place),
    ...place,
    action: "delete",
    differences: [],
    notes: ["No instance of the fleet names it any more"],
  };
}
