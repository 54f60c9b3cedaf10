/** A profile that the fleet owns: as it is declared, and as Incus holds it. Pure. */
import type { Fleet, Profile } from "../model/fleet.ts";
import type { DriftMode } from "../model/plan.ts";
import { type Body, decodeApplied, encodeApplied } from "./applied.ts";
import type { DesiredInstance } from "./desired.ts";
import { label } from "./labels.ts";
import { type Merged, merge } from "./merge.ts";
import type { ObservedInstance, ObservedProfile, ObservedServer } from "./observed.ts";

/** An instance with what the fleet says about its profiles and about changes by hand. */
export function withProfiles(desired: DesiredInstance, fleet: Fleet, drift: DriftMode = "keep"): DesiredInstance {
  const own = desired.profiles.flatMap((name) => {
    const profile = ownProfile(fleet, name);
    return profile === undefined ? [] : [[name, { config: profile.config, devices: profile.devices }] as const];
  });
  return {
    ...desired,
    ...(own.length === 0 ? {} : { own: Object.fromEntries(own) }),
    ...(drift === "keep" ? {} : { drift }),
  };
}

/** What the fleet says of a profile of this name; undefined for one that it only refers to. */
export function ownProfile({ profiles = {} }: Fleet, name: string): Profile | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
}

/** A profile as Incus holds it, with floe's labels. */
export function bodyOfProfile({ config, devices, description }: Omit<ObservedProfile, "name">): Body {
  return { config: config ?? {}, devices: devices ?? {}, profiles: [], description: description ?? "" };
}

/** What is declared, on top of what others set there. */
export function mergeProfile(observed: Body, profile: Profile, mode: DriftMode): Merged {
  return merge(observed, bodyOfProfile(profile), decodeApplied(observed.config), mode);
}

/** Labels of a profile that is as declared. */
export function profileLabels(fleet: string, profile: Profile): Record<string, string> {
  return { [label.fleet]: fleet, [label.applied]: encodeApplied(bodyOfProfile(profile)) };
}

export function isOwnProfile({ config }: Pick<ObservedProfile, "config">, fleet: string): boolean {
  return config[label.fleet] === fleet;
}

/** Every instance of the project that has the profile, the fleet's or not. */
export function usersOf({ instances }: ObservedServer, project: string, profile: string): ObservedInstance[] {
  return instances.filter((instance) => instance.project === project && instance.profiles.includes(profile));
}
