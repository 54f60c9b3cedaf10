/** Images, and the aliases that point at them. */
import { type Api, segment } from "./api.ts";
import { copyImage } from "./image-copy.ts";
import { uploadImage } from "./image-upload.ts";
import type { Cancellable, IncusAlias, IncusClient, IncusImage, StringMap, Tagged } from "./types.ts";

type ImageCalls = Pick<
  IncusClient,
  | "listImages"
  | "listAllImages"
  | "getImage"
  | "uploadImage"
  | "copyImage"
  | "patchImage"
  | "deleteImage"
  | "getAlias"
  | "setAlias"
  | "deleteAlias"
>;

export function imageCalls(api: Api): ImageCalls {
  const getImage: ImageCalls["getImage"] = async (project, fingerprint, { signal } = {}) => {
    const found = await api.find<IncusImage>({
      what: `read the image ${short(fingerprint)}`,
      path: imagePath(fingerprint),
      query: { project },
      signal,
    });
    return found && { ...found, value: whole(found.value) };
  };
  const getAlias: ImageCalls["getAlias"] = (project, name, { signal } = {}) =>
    api.find({ what: `read the image alias "${name}"`, path: aliasPath(name), query: { project }, signal });

  return {
    async listImages(project, { signal } = {}) {
      const { value } = await api.call<IncusImage[] | null>({
        what: "list the images",
        path: "/1.0/images",
        query: { project, recursion: "1" },
        signal,
      });
      return (value ?? []).map(whole);
    },
    async listAllImages({ signal } = {}) {
      const { value } = await api.call<IncusImage[] | null>({
        what: "list the images of all projects",
        path: "/1.0/images",
        query: { "all-projects": "true", recursion: "1" },
        signal,
      });
      return (value ?? []).map(whole);
    },
    getImage,
    uploadImage: (project, image, options = {}) => uploadImage(api, project, image, options),
    copyImage: (project, source, options) => copyImage(api, project, source, options),
    patchImage: (project, fingerprint, properties, options) =>
      patchImage(api, { project, fingerprint, properties }, options),
    deleteImage: (project, fingerprint, { signal } = {}) =>
      api.remove({
        what: `delete the image ${short(fingerprint)}`,
        method: "DELETE",
        path: imagePath(fingerprint),
        query: { project },
        signal,
      }),
    getAlias,
    async setAlias(project, alias, options = {}) {
      const existing = await getAlias(project, alias.name, options);
      if (existing) return moveAlias(api, project, alias, existing, options.signal);
      await api.call({
        what: `create the image alias "${alias.name}"`,
        method: "POST",
        path: "/1.0/images/aliases",
        query: { project },
        json: alias,
        signal: options.signal,
      });
    },
    deleteAlias: (project, name, { signal } = {}) =>
      api.remove({
        what: `delete the image alias "${name}"`,
        method: "DELETE",
        path: aliasPath(name),
        query: { project },
        signal,
      }),
  };
}

/** A fingerprint as people see it. */
export function short(fingerprint: string): string {
  return fingerprint.slice(0, 12);
}

// --- internal ---

const imagePath = (fingerprint: string) => `/1.0/images/${segment(fingerprint)}`;
const aliasPath = (name: string) => `/1.0/images/aliases/${segment(name)}`;

async function patchImage(
  api: Api,
  { project, fingerprint, properties }: { project: string; fingerprint: string; properties: StringMap },
  { signal }: Cancellable = {},
): Promise<void> {
  const what = `update the image ${short(fingerprint)}`;
  const path = imagePath(fingerprint);
  await api.call({ what, method: "PATCH", path, query: { project }, json: { properties }, signal });
}

/** One request with If-Match, so that there is no moment without the alias and a foreign move is not overwritten. */
async function moveAlias(
  api: Api,
  project: string,
  alias: IncusAlias,
  existing: Tagged<IncusAlias>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (existing.value.target === alias.target && existing.value.description === alias.description) return;
  const json = { target: alias.target, description: alias.description };
  await api.call({
    what: `move the image alias "${alias.name}"`,
    method: "PUT",
    path: aliasPath(alias.name),
    query: { project },
    json,
    etag: existing.etag,
    signal,
  });
}

/** Lists and maps that are empty come as null. */
function whole(image: IncusImage): IncusImage {
  return { ...image, properties: image.properties ?? {}, aliases: image.aliases ?? [] };
}
