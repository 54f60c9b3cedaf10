/** Images that floe does not build and that come from another server: the Incus server fetches them itself. */
import { FloeError } from "../errors.ts";
import type { ImageSource, IncusClient } from "../incus/types.ts";
import type { ForeignSource, ImageChange } from "../model/plan.ts";
import { describeForeign } from "../plan/foreign-images.ts";
import { defined } from "../util/defined.ts";
import { type ApplyContext, step, throwIfCancelled } from "./context.ts";
import { propertiesOf } from "./images.ts";

/**
 * Copies the image of a change and says where it came from, so that the next plan finds it: from then on it stays the same, wherever
 * its alias goes. One that was there already is used as it is. Answers its fingerprint.
 */
export async function copyImage(
  context: ApplyContext,
  client: IncusClient,
  change: ImageChange & { readonly foreign: ForeignSource },
): Promise<string> {
  const { address, project } = change;
  throwIfCancelled(context);
  if (change.foreign.server === undefined)
    throw new FloeError(`The image "${describeForeign(change.foreign)}" is not on the server any more`, {
      hint: "Import it again, or name another image",
    });
  const before = new Set((await client.listImages(project)).map(({ fingerprint }) => fingerprint));
  const source = sourceOf(change.foreign);
  const fingerprint = await step(context, address, "copy", () =>
    client.copyImage(project, source, { signal: context.signal }),
  );
  if (!before.has(fingerprint)) {
    const properties = propertiesOf(context.fleet, change);
    await step(context, address, "relabel", () => client.patchImage(project, fingerprint, properties));
  }
  return fingerprint;
}

// --- internal ---

function sourceOf({
  server = "",
  protocol = "simplestreams",
  alias,
  fingerprint,
  certificate,
  type,
}: ForeignSource): ImageSource {
  return defined({ server, protocol, alias, fingerprint, certificate, image_type: type });
}
