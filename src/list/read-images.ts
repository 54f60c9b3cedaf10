import type { Fleet } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import type { ImageUse } from "../plan/image-uses.ts";
import { readImageUses } from "../plan/read-image-uses.ts";
import { defined } from "../util/defined.ts";
import { askEach, problemsOf } from "./ask-each.ts";

export type ListedImage = ImageUse;

export interface ImageList {
  readonly fleet: string;
  readonly images: readonly ListedImage[];
  readonly problems: readonly Problem[];
}

/** Every image of the fleet's servers. `keep`: the newest of each container that a prune would leave. */
export async function readImages(
  fleet: Fleet,
  { keep, signal }: { readonly keep?: number; readonly signal: AbortSignal },
): Promise<ImageList> {
  const answers = await askEach(fleet, signal, (client) =>
    readImageUses({ fleet, client, signal, ...defined({ keep }) }),
  );
  const images = Object.values(answers).flatMap((answer) => (answer.ok ? answer.value : []));
  return { fleet: fleet.name, images, problems: problemsOf(answers) };
}
