/** What a server is still doing in the background, for instance because a floe that asked for it was killed. */
import type { IncusClient } from "../incus/types.ts";

interface RunningOperation {
  readonly id: string;
  readonly class: string;
  readonly description: string;
  readonly resources?: Readonly<Record<string, readonly string[] | null>> | null;
}

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Give up after this long and let the caller see what is there. */
  readonly timeoutMs?: number;
}

/**
 * Waits until the server changes none of these instances. `isOurs` is asked for each physical name; commands that run
 * inside an instance do not count.
 */
export async function waitForQuiet(
  client: IncusClient,
  isOurs: (project: string, name: string) => boolean,
  { signal, timeoutMs = 60_000 }: WaitOptions = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while ((await busyWith(client, isOurs, signal)) && performance.now() < deadline && !signal?.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

// --- internal ---

async function busyWith(
  client: IncusClient,
  isOurs: (project: string, name: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { value } = await client.request<Readonly<Record<string, readonly RunningOperation[] | null>> | null>(
    "GET",
    "/1.0/operations?recursion=1&all-projects=true",
    undefined,
    { signal },
  );
  const running = [...(value?.["running"] ?? []), ...(value?.["pending"] ?? [])];
  return running
    .filter(changesSomething)
    .some((operation) => instancesIn(operation).some(({ project, name }) => isOurs(project, name)));
}

function changesSomething({ class: kind, description }: RunningOperation): boolean {
  return kind === "task" && description !== "Executing command";
}

function instancesIn({ resources }: RunningOperation): { project: string; name: string }[] {
  return Object.values(resources ?? {})
    .flatMap((urls) => urls ?? [])
    .flatMap((url) => {
      const { pathname, searchParams } = new URL(url, "http://incus");
      const match = /^\/1\.0\/instances\/([^/]+)/.exec(pathname);
      return match?.[1] === undefined
        ? []
        : [{ project: searchParams.get("project") ?? "default", name: decodeURIComponent(match[1]) }];
    });
}
