/** What would make Incus, or an instance, refuse a profile of the fleet: found before anything is changed. Pure. */
import type { Profile } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import type { DesiredInstance } from "./desired.ts";
import type { ObservedProject, ObservedServer } from "./observed.ts";
import { checkSchema } from "./schema.ts";

export interface ProfileCheck {
  readonly profile: Profile;
  readonly server: ObservedServer;
  readonly serverName: string;
  readonly project: ObservedProject;
  /** Of the instances that name it. */
  readonly type: DesiredInstance["type"];
}

export function checkProfile({ profile, server, serverName, project, type }: ProfileCheck): Problem[] {
  const { name, config, devices } = profile;
  const subject = `profile ${name}`;
  return [
    ...checkSchema({ name, server: serverName, config, devices, type }, server.schema).map((one) => ({
      ...one,
      subject,
    })),
    ...Object.entries(devices).flatMap(([device, options]) =>
      missingOf(options, server, project).map(
        ({ key, what, known }): Problem => ({
          subject,
          message: `There is no ${what} "${options[key]}" on the server "${serverName}"`,
          hint: `There are: ${known.join(", ") || "none"}`,
          keys: ["devices", device, key],
        }),
      ),
    ),
  ];
}

// --- internal ---

interface Missing {
  readonly key: string;
  readonly what: string;
  readonly known: readonly string[];
}

/** What a device refers to by name. Incus looks for it only when an instance starts. */
function missingOf(
  { type, network, parent, pool }: Readonly<Record<string, string>>,
  { pools }: ObservedServer,
  { networks }: ObservedProject,
): Missing[] {
  const managed = networks.filter((one) => one.managed).map(({ name }) => name);
  const interfaces = networks.map(({ name }) => name);
  const isMissing = (name: string | undefined, known: readonly string[]): boolean =>
    name !== undefined && !known.includes(name);
  if (type === "disk") return isMissing(pool, pools) ? [{ key: "pool", what: "storage pool", known: pools }] : [];
  if (type !== "nic") return [];
  return [
    ...(isMissing(network, managed) ? [{ key: "network", what: "Incus network", known: managed }] : []),
    ...(isMissing(parent, interfaces) ? [{ key: "parent", what: "network interface", known: interfaces }] : []),
  ];
}
