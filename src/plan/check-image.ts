/** What an instance needs that not every server has: an image that floe does not build, virtual machines, a cluster. Pure. */
import type { Problem } from "../model/plan.ts";
import { nearest } from "../util/nearest.ts";
import { isImageDifferent } from "./compare.ts";
import type { DesiredInstance } from "./desired.ts";
import type { Group } from "./objects.ts";
import type { ObservedProject, ServerAbilities } from "./observed.ts";

/** An image that floe does not build has to be there, unless it is copied, and be of the right kind. */
export function checkImage(
  { desired, group }: { readonly desired: DesiredInstance; readonly group: Group },
  project: ObservedProject,
): Problem[] {
  const { foreign } = desired.image;
  if (foreign === undefined || foreign.server !== undefined) return [];
  const name = foreign.alias ?? foreign.fingerprint?.slice(0, 12) ?? "";
  const found = project.images.find(({ fingerprint }) => fingerprint === foreign.here);
  const { current } = group.objects;
  // What runs from it goes on without it.
  if (found === undefined && current !== undefined && !isImageDifferent(desired.image, current.config)) return [];
  if (found === undefined) return [missingImage(name, desired, project)];
  if (found.type === undefined || found.type === foreign.type) return [];
  return [
    {
      subject: `container ${desired.container}`,
      message: `The image "${name}" on the server "${desired.server}" is for a ${words(found.type)}, and "${desired.name}" is a ${words(foreign.type)}`,
      hint: `Say type: "${found.type}", or name another image`,
      keys: ["image"],
    },
  ];
}

/** Nothing is said where nothing asked for it. */
export function checkAbilities(desired: DesiredInstance, abilities: ServerAbilities | undefined): Problem[] {
  if (abilities === undefined) return [];
  const { server, type, member, name } = desired;
  const subject = `instance ${name}`;
  const problems: Problem[] = [];
  if (type === "virtual-machine" && !abilities.drivers.includes("qemu"))
    problems.push({
      subject,
      message: `The server "${server}" cannot run virtual machines`,
      hint: "It needs QEMU and /dev/kvm: see incus info, at driver; Debian's package is qemu-system-x86",
      keys: ["type"],
    });
  if (member !== undefined)
    problems.push(
      ...checkMember(member, server, abilities.members).map((told) => ({ subject, ...told, keys: ["member"] })),
    );
  return problems;
}

// --- internal ---

function missingImage(
  name: string,
  { container, project: place, server }: DesiredInstance,
  project: ObservedProject,
): Problem {
  const aliases = project.images.flatMap((image) => image.aliases.map((alias) => alias.name));
  const suggestion = nearest(name, aliases);
  const message = `There is no image "${name}" in the project "${place}" of the server "${server}"`;
  return {
    subject: `container ${container}`,
    message: suggestion === undefined ? message : `${message}; did you mean "${suggestion}"?`,
    hint: `Images there: ${aliases.join(", ") || "none with an alias"}. One of another server is written "images:${name}"`,
    keys: ["image"],
  };
}

/** Groups are Incus' to know. */
function checkMember(
  member: string,
  server: string,
  members: readonly string[] | undefined,
): Pick<Problem, "message" | "hint">[] {
  if (members === undefined)
    return [
      {
        message: `The server "${server}" is no cluster, so it has no member "${member}"`,
        hint: "Leave out its member",
      },
    ];
  if (member.startsWith("@") || members.includes(member)) return [];
  return [{ message: `The cluster "${server}" has no member "${member}"`, hint: `Members: ${members.join(", ")}` }];
}

function words(type: string): string {
  return type.replace("-", " ");
}
