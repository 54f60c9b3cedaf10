/** Images of other servers, which an Incus server fetches itself. */
import { IncusError } from "../errors.ts";
import type { Api } from "./api.ts";
import type { Cancellable, ImageSource } from "./types.ts";

/** Answers the fingerprint. An image that is there already is no error. @throws IncusError */
export async function copyImage(
  api: Api,
  project: string,
  source: ImageSource,
  { signal }: Cancellable = {},
): Promise<string> {
  const name = source.alias ?? source.fingerprint ?? "";
  const what = `copy the image "${name}" from ${source.server}`;
  const { value } = await api.call<{ readonly fingerprint?: string } | null>({
    what,
    method: "POST",
    path: "/1.0/images",
    query: { project },
    json: { source: { type: "image", mode: "pull", ...source }, public: false, auto_update: false },
    signal,
  });
  if (value?.fingerprint === undefined)
    throw new IncusError(`Cannot ${what}: Incus did not say which image it is`, { status: 200 });
  return value.fingerprint;
}
