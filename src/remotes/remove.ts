import { UsageError } from "../errors.ts";
import { nearest } from "../util/nearest.ts";
import { readClientRemotes } from "./incus-client.ts";
import { type Remote, readRemotes, writeRemotes } from "./store.ts";

/** Forgets a server. It goes on trusting our certificate until that is removed there. @throws UsageError when there is none of the name */
export async function removeRemote(name: string, environment?: NodeJS.ProcessEnv): Promise<Remote> {
  const remotes = await readRemotes(environment);
  const removed = remotes.find((remote) => remote.name === name);
  if (removed === undefined) throw await unknown(name, remotes, environment);
  await writeRemotes(
    remotes.filter((remote) => remote !== removed),
    environment,
  );
  return removed;
}

// --- internal ---

async function unknown(name: string, remotes: readonly Remote[], environment?: NodeJS.ProcessEnv): Promise<UsageError> {
  if ((await readClientRemotes(environment)).some((remote) => remote.name === name))
    return new UsageError(`"${name}" is a remote of the Incus client, not of floe`, {
      hint: `Remove it there: incus remote remove ${name}`,
    });
  const near = nearest(
    name,
    remotes.map((remote) => remote.name),
  );
  return new UsageError(`No server "${name}" was added`, {
    hint: near === undefined ? "floe remote list shows them" : `Did you mean ${near}?`,
  });
}
