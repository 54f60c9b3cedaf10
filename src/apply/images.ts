/** Container images: built, hashed, sent where they are missing; their aliases moved when all else went well. */
import { FloeError } from "../errors.ts";
import type { ImageUpload, IncusClient } from "../incus/types.ts";
import type { ImageChange } from "../model/plan.ts";
import { aliasDescription, imageLabel } from "../plan/labels.ts";
import type { Emit } from "../report/events.ts";
import { type ApplyContext, done, type Outcome, step, throwIfCancelled } from "./context.ts";

/** The two files of an image, ready to be sent. */
export type ImageFiles = Pick<ImageUpload, "metadataPath" | "rootfsPath"> & {
  /** The commit of the project that it was built from. */
  readonly revision?: string;
};

export type BuiltImage =
  | ({ readonly ok: true } & ImageFiles)
  | { readonly ok: false; readonly error: string; readonly hint?: string };

/** Builds the images of these containers, all at once; answers each by name. Throws only when none could be built at all. */
export type BuildImages = (
  containers: readonly string[],
  options: { readonly signal: AbortSignal; readonly emit: Emit },
) => Promise<Readonly<Record<string, BuiltImage>>>;

/** The fingerprint: SHA-256 over the metadata's bytes followed by the root file system's. */
export type HashImage = (files: ImageFiles, options: { readonly signal: AbortSignal }) => Promise<string>;

/**
 * Sends the image unless the server has the same bytes, and says what it was made from. An image that somebody else put
 * there is used as it is: its properties are not ours to change.
 */
export async function sendImage(
  context: ApplyContext,
  client: IncusClient,
  change: ImageChange,
  files: ImageFiles,
  fingerprint: string,
): Promise<Outcome> {
  const { address, project } = change;
  throwIfCancelled(context);
  const properties = {
    ...propertiesOf(context.fleet, change),
    ...(files.revision === undefined ? {} : { [imageLabel.revision]: files.revision }),
  };
  const existing = await client.getImage(project, fingerprint);
  if (existing === undefined) {
    const onProgress = (sent: number, total: number): void =>
      context.emit({ type: "step.progress", subject: address, step: "upload", done: sent, total });
    await step(context, address, "upload", () =>
      client.uploadImage(project, { ...files, fingerprint, properties }, { signal: context.signal, onProgress }),
    );
  } else if (isRelabelled(existing.value.properties, properties)) {
    await step(context, address, "relabel", () => client.patchImage(project, fingerprint, properties));
  }
  return done;
}

/** Moves the container's alias, unless somebody else has set it meanwhile. */
export async function moveAlias(
  context: ApplyContext,
  client: IncusClient,
  change: ImageChange,
  fingerprint: string,
): Promise<void> {
  const { address, project, container } = change;
  const description = aliasDescription(context.fleet);
  const existing = await client.getAlias(project, container);
  if (existing !== undefined && existing.value.description !== description) {
    throw new FloeError(`The image alias "${container}" was set by somebody else`, {
      hint: `Give it another name: incus image alias rename ${container} ${container}-old`,
    });
  }
  if (existing?.value.target === fingerprint) return;
  await step(context, address, "alias", () =>
    client.setAlias(project, { name: container, target: fingerprint, description }),
  );
}

/** What an image was made from, for the next plan to find it by. */
export function propertiesOf(fleet: string, { container, rootfs, metadata }: ImageChange): Record<string, string> {
  return {
    [imageLabel.fleet]: fleet,
    [imageLabel.container]: container,
    [imageLabel.rootfs]: rootfs,
    [imageLabel.metadata]: metadata,
  };
}

// --- internal ---

/** The same bytes made by the same container from other store paths. */
function isRelabelled(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): boolean {
  return (
    before[imageLabel.fleet] === after[imageLabel.fleet] && before[imageLabel.container] === after[imageLabel.container]
  );
}
