/** The console of an instance, attached: what its first process has as /dev/console. Whoever detaches leaves it as it was. */
import { CancelledError } from "../errors.ts";
import { type Api, segment } from "./api.ts";
import { attachInput, attachResize, openStreams, outputOf } from "./exec-stream.ts";
import type { Cancellable, ExecStreams } from "./types.ts";

/**
 * Resolves when the instance stops. Only one can be attached at a time; Incus refuses a second.
 * @throws CancelledError when the signal detached, IncusError
 */
export async function consoleStream(
  api: Api,
  project: string,
  name: string,
  streams: Required<Pick<ExecStreams, "stdin" | "stdout" | "terminal">>,
  { signal }: Cancellable,
): Promise<void> {
  const { columns: width, rows: height } = streams.terminal;
  const what = `attach to the console of the instance "${name}"`;
  const operation = await api.start({
    what,
    method: "POST",
    path: `/1.0/instances/${segment(name)}/console`,
    query: { project },
    json: { width, height, type: "console" },
    signal,
  });
  // The signal is answered below: a console is left by closing its connection.
  const ended = api.wait({ ...operation, signal: undefined });
  ended.catch(() => {});
  const { sockets, written } = await openStreams(api, operation, ended, (fd, socket) =>
    outputOf(fd, socket, { ...streams, stderr: streams.stdout }),
  );
  const detach = (): void => {
    for (const socket of Object.values(sockets)) socket.close(1000, "detached");
  };
  const releases = [attachInput(sockets["0"], streams), attachResize(sockets["control"], streams)];
  signal?.addEventListener("abort", detach, { once: true });
  if (signal?.aborted) detach();
  try {
    await Promise.all([ended, ...written]);
    if (signal?.aborted) throw new CancelledError(`Cancelled: ${what}`);
  } finally {
    signal?.removeEventListener("abort", detach);
    for (const release of releases) release();
    detach();
  }
}
