/** What a plan rests on, as one hash: whoever carries the plan out compares it with the world as it is then. */
import type { OrphanProfile } from "../model/plan.ts";
import type { DesiredInstance } from "./desired.ts";
import { canonicalJson, digest } from "./digest.ts";
import { imageIn } from "./images.ts";
import { groupOf } from "./objects.ts";
import type { Observed, ObservedInstance, ObservedServer } from "./observed.ts";

export interface BasisInput {
  readonly fleet: string;
  readonly desired: readonly DesiredInstance[];
  readonly observed: Observed;
  readonly orphans: readonly { readonly server: string; readonly project: string; readonly name: string }[];
  readonly orphanProfiles: readonly OrphanProfile[];
}

export function basisOf({ fleet, desired, observed, orphans, orphanProfiles }: BasisInput): string {
  const seen = desired.map((instance) => {
    const server = observed.servers[instance.server];
    return server?.ok ? { instance, world: seenOf(fleet, instance, server) } : { instance, world: null };
  });
  const orphaned = orphans.map((orphan) => {
    const server = observed.servers[orphan.server];
    return { orphan, world: server?.ok ? objectsOf(fleet, orphan, server) : null };
  });
  return digest(canonicalJson({ fleet, seen, orphaned, ...(orphanProfiles.length === 0 ? {} : { orphanProfiles }) }));
}

// --- internal ---

function seenOf(fleet: string, desired: DesiredInstance, server: ObservedServer): unknown {
  const project = server.projects[desired.project];
  return {
    objects: objectsOf(fleet, desired, server),
    image: imageIn(server, { fleet, ...desired })?.fingerprint ?? null,
    volumes: desired.volumes.map(
      ({ pool, name }) => project?.volumes[pool]?.some((volume) => volume.name === name) ?? false,
    ),
    profiles: project?.profiles
      .filter(({ name }) => desired.profiles.includes(name))
      .map(({ name, config, devices, description }) => ({ name, config, devices, description })),
  };
}

/** Without what Incus writes by itself while nothing changes. */
function objectsOf(
  fleet: string,
  { project, name }: { readonly project: string; readonly name: string },
  server: ObservedServer,
): unknown {
  const { objects, foreign } = groupOf(server.instances, fleet, project, name);
  return { objects: Object.values(objects).map(lasting), foreign: foreign.map((instance) => instance.name) };
}

function lasting({ name, status, description, profiles, config, devices, snapshots }: ObservedInstance): unknown {
  const kept = Object.entries(config).filter(([key]) => !key.startsWith("volatile.") || key === "volatile.base_image");
  return {
    name,
    status,
    description,
    profiles,
    config: Object.fromEntries(kept),
    devices,
    snapshots: snapshots?.length ?? 0,
  };
}
