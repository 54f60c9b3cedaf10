/** Changing a profile without losing what somebody else changes at the same moment. */
import { IncusError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Body } from "../plan/applied.ts";
import { bodyOfProfile } from "../plan/own-profile.ts";
import { pause } from "../util/pause.ts";

const attempts = 8;

/**
 * Reads, changes, and writes only if nobody wrote in between; else begins again with what is there now. `change` answers null
 * when nothing is to be written.
 * @throws IncusError when it is gone, when the server refuses, and, though it is written then, when an instance refuses it
 */
export async function editProfile(
  client: IncusClient,
  project: string,
  name: string,
  change: (body: Body) => Body | null,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const found = await client.getProfile(project, name);
    if (found === undefined)
      throw new IncusError(`Profile "${name}" is not there any more`, {
        status: 404,
        hint: "Somebody else deleted or renamed it: make a new plan",
      });
    const body = change(bodyOfProfile(found.value));
    if (body === null) return;
    const { config, devices, description } = body;
    try {
      return await client.updateProfile(project, name, { config, devices, description }, { etag: found.etag });
    } catch (error) {
      if (!(error instanceof IncusError) || error.status !== 412 || attempt === attempts) throw error;
      await pause(20 * attempt);
    }
  }
}
