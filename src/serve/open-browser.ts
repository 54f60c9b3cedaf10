import { run } from "../exec/run.ts";

/** Opens the user's browser, which lives on when floe ends; false when that does not work here. */
export async function openBrowser(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await run(["setsid", "--fork", "xdg-open", url], { timeoutMs: 10_000, signal })).exitCode === 0;
  } catch {
    return false;
  }
}
