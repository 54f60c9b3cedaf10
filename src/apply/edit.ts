/** Changing an instance without losing what somebody else changes at the same moment. */
import { IncusError } from "../errors.ts";
import type { IncusClient, IncusInstance, IncusInstancePut } from "../incus/types.ts";
import type { Body } from "../plan/applied.ts";
import { pause } from "../util/pause.ts";

const attempts = 8;

/**
 * Reads, changes, and writes only if nobody wrote in between; else begins again with what is there now. `change` answers
 * null when nothing is to be written. It is handed what can be changed, and what it leaves out is removed.
 * @throws IncusError when the instance is gone, the server refuses, or others write all the time (412)
 */
export async function editInstance(
  client: IncusClient,
  project: string,
  name: string,
  change: (body: Body, instance: IncusInstance) => Body | null,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const found = await client.getInstance(project, name);
    if (found === undefined)
      throw new IncusError(`Instance "${name}" is not there any more`, {
        status: 404,
        hint: "Somebody else deleted or renamed it: make a new plan",
      });
    const { value, etag } = found;
    const body = change(bodyOf(value), value);
    if (body === null) return;
    try {
      return await client.updateInstance(project, name, putOf(value, body), { etag });
    } catch (error) {
      if (!(error instanceof IncusError) || error.status !== 412 || attempt === attempts) throw error;
      await pause(20 * attempt);
    }
  }
}

export function bodyOf({ config, devices, profiles, description }: Body): Body {
  return { config, devices, profiles, description };
}

// --- internal ---

function putOf({ architecture, ephemeral, stateful }: IncusInstance, body: Body): IncusInstancePut {
  return { architecture, ephemeral, stateful, ...body };
}
