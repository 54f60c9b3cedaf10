import type { Container, ForeignImage, Instance, Rollout } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { readAttributePath } from "./existing-flake.ts";
import type { Field } from "./field.ts";
import { readForeignImage } from "./foreign-image.ts";
import { type InstanceContext, type ReadInstance, readInstance, readType } from "./instance.ts";
import { readRollout } from "./rollout.ts";
import { defaultSystem, readSystem } from "./system.ts";
import { readTags } from "./tags.ts";

/** What a container says of itself beside its module. */
export interface ReadContainer {
  readonly system: string;
  readonly tags: readonly string[];
  readonly image?: ForeignImage;
  readonly from?: NonNullable<Container["from"]>;
  readonly rollout?: Rollout;
  readonly instances: readonly ReadInstance[];
}

export function readContainer(
  field: Field,
  name: string,
  context: Pick<InstanceContext, "servers" | "readText">,
): ReadContainer {
  // biome-ignore format: rows say more than a key a line
  const keys = field.keys("from", "system", "tags", "image", "type", "rollout", "instances", "nixpkgs", "specialArgs");
  const image = keys.image.optional((value) => readForeignImage(value, context.readText));
  const type = keys.type.optional(readType);
  const instances = Object.values(
    keys.instances.entries((spec, instance) =>
      readInstance(spec, instance, defined({ ...context, container: name, image, type })),
    ),
  );
  const from = keys.from.optional(readImageOf);
  checkTypes(instances, image);
  checkStrategies(instances);
  if (from !== undefined) checkReplaced(instances);
  return defined({
    system: keys.system.optional(readSystem) ?? defaultSystem,
    tags: readTags(keys.tags),
    image,
    from,
    rollout: keys.rollout.optional(readRollout),
    instances,
  });
}

// --- internal ---

function readImageOf(field: Field): NonNullable<Container["from"]> {
  const { rootfs, metadata } = field.keys("rootfs", "metadata");
  return {
    rootfs: readAttributePath(rootfs, '"packages.x86_64-linux.web"'),
    metadata: readAttributePath(metadata, '"packages.x86_64-linux.webMetadata"'),
  };
}

/** An update in place needs the system and a root made for it, which nobody asked the existing flake for. */
function checkReplaced(instances: readonly ReadInstance[]): void {
  for (const { instance, field } of instances)
    if (instance.update === "in-place")
      field
        .child("update", undefined)
        .report(
          `${field.subject} cannot be updated in place: its image comes from the existing flake`,
          'Use "swap", "swap-warm" or "rebuild", or describe the container in TypeScript',
        );
}

const typeOf = ({ type }: Instance): string => type ?? "container";

/** The root of an instance that is updated in place is made from another image than that of all others. */
function checkStrategies(instances: readonly ReadInstance[]): void {
  const [first] = instances;
  for (const { instance, field } of instances)
    if (first !== undefined && (instance.update === "in-place") !== (first.instance.update === "in-place"))
      field
        .child("update", undefined)
        .report(
          `${field.subject} and ${first.field.label} cannot be made from one image: only one of them is updated in place`,
          "Update all instances of a container in place, or none",
        );
}

/** An image is for containers or for virtual machines, and floe builds containers'. */
function checkTypes(instances: readonly ReadInstance[], image: ForeignImage | undefined): void {
  const [first] = instances;
  for (const { instance, field } of instances) {
    const place = field.child("type", undefined);
    if (typeOf(instance) === "virtual-machine" && image === undefined)
      place.report(
        `${field.subject} is a virtual machine, and floe builds no images for those`,
        'Name one: container({ image: "images:debian/12", type: "virtual-machine", instances: { ... } })',
      );
    else if (first !== undefined && typeOf(instance) !== typeOf(first.instance))
      place.report(
        `${field.subject} is a ${typeOf(instance).replace("-", " ")} and ${first.field.label} a ${typeOf(first.instance).replace("-", " ")}, but both are made from one image`,
        "Give each kind a container of its own",
      );
  }
}
