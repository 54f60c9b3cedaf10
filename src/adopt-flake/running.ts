/** Instances that run already under the name of an image. */

import { FloeError } from "../errors.ts";
import { connect } from "../incus/connect.ts";

/** Names of instances of this machine's Incus that a container has too; none where there is no Incus that floe may ask. */
export async function runningAs(names: readonly string[], signal: AbortSignal): Promise<string[]> {
  if (names.length === 0) return [];
  try {
    const client = await connect({ name: "local", kind: "unix" }, { signal });
    try {
      const instances = await client.listAllInstances({ signal });
      const found = new Set(instances.map(({ name }) => name));
      return names.filter((name) => found.has(name));
    } finally {
      client.close();
    }
  } catch (error) {
    if (error instanceof FloeError && error.exitCode !== 130) return [];
    throw error;
  }
}
