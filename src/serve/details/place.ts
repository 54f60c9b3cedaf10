/** Where a name of the dashboard is: an instance of the fleet, or what floe keeps beside it (`web-1-failed`). */
import type { IncusClient } from "../../incus/types.ts";
import type { Instance } from "../../model/fleet.ts";
import { connectTo } from "../../pipeline.ts";
import { isOurs } from "../../plan/labels.ts";
import type { Serve } from "../context.ts";
import { RefusedError } from "../refused.ts";
import type { Exchange } from "../router.ts";

export interface Place {
  /** Closed when the work in it is over. */
  readonly client: IncusClient;
  /** Another connection, for the caller to close. */
  connect(signal: AbortSignal): Promise<IncusClient>;
  readonly project: string;
  /** As Incus knows it. */
  readonly name: string;
  /** The described instance that it belongs to. */
  readonly instance: Instance;
}

/** The names under which a swap keeps an instance's predecessor and its failed successor. */
const keptSuffix = /-(previous|failed|next|outgoing)$/;

/**
 * Does something in an instance, over a connection of its own: the one that follows the server is closed as soon as a question fails.
 * @throws RefusedError 404 for a name of nothing and for what is not made yet, 403 where somebody else has the name; MissingError, IncusError
 */
export async function enter<T>(
  { serve, params, signal }: Pick<Exchange, "serve" | "params" | "signal">,
  use: (place: Place) => Promise<T>,
): Promise<T> {
  const name = params["name"] as string;
  const instance = instanceFor(serve, name);
  const connect = (until: AbortSignal): Promise<IncusClient> => connectTo(serve.fleet(), instance.server, until);
  const client = await connect(signal);
  try {
    const place = { client, connect, project: instance.project, name, instance };
    await requireOwn(serve, place, signal);
    return await use(place);
  } finally {
    client.close();
  }
}

// --- internal ---

async function requireOwn(
  serve: Serve,
  { client, project, name, instance }: Place,
  signal: AbortSignal,
): Promise<void> {
  const found = await client.getInstance(project, name, { signal });
  if (found === undefined)
    throw new RefusedError(404, "NOT_FOUND", `The instance "${name}" does not exist on its server`, {
      hint: "An apply makes it",
    });
  if (!isOurs(found.value.config, serve.fleet().name, instance.name))
    throw new RefusedError(403, "FOREIGN", `The instance "${name}" was not made by this fleet`, {
      hint: `Give it another name, or take it over: floe adopt-incus ${name}`,
    });
}

function instanceFor(serve: Serve, name: string): Instance {
  try {
    return serve.instance(name);
  } catch (error) {
    if (!keptSuffix.test(name)) throw error;
    return serve.instance(name.replace(keptSuffix, ""));
  }
}
